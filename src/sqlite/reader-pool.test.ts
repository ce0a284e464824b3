import { copyFileSync, openSync, readdirSync, renameSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { identityOf } from './file-guard.ts'
import { runScript } from './fixtures/child-process.ts'
import { useFolder } from './fixtures/folder.ts'
import { itemReader } from './fixtures/item-reader.ts'
import { schema } from './fixtures/schema.ts'
import { SqliteFile } from './index.ts'
import { ReaderPool } from './reader-pool.ts'

const folder = useFolder()

describe('a file with reader threads', () => {
  it('L3: has every write in them that was told of before', async () => {
    await using file = await open()
    for (let n = 1; n <= 20; n++) {
      await add(file, `${n}`)
      expect(await file.readElsewhere({})).toHaveLength(n)
    }
  })

  it('reads as many things at once as it has threads; the others wait in line', async () => {
    await using file = await open({ count: 2 })
    const gate = newGate()
    const readings = [1, 2, 3, 4].map(() => file.readElsewhere({ do: 'name itself', gate }))
    await reached(gate, 2)
    openGate(gate)
    expect(new Set(await Promise.all(readings)).size).toBe(2)
    expect(Atomics.load(gate, 0)).toBe(4)
  })

  it('withdraws a reading in line when its signal aborts', async () => {
    await using file = await open({ count: 1 })
    const gate = newGate()
    const first = file.readElsewhere({ gate })
    const controller = new AbortController()
    const second = file.readElsewhere({ gate }, controller.signal)
    await reached(gate, 1)
    controller.abort(reason)
    await expect(second).rejects.toBe(reason)
    openGate(gate)
    await first
    await file.readElsewhere({})
    expect(Atomics.load(gate, 0)).toBe(1)
  })

  it('does not wait for a reading under way when its signal aborts', async () => {
    await using file = await open({ count: 1 })
    const gate = newGate()
    const controller = new AbortController()
    const reading = file.readElsewhere({ gate }, controller.signal)
    await reached(gate, 1)
    controller.abort(reason)
    await expect(reading).rejects.toBe(reason)
    openGate(gate)
    expect(await file.readElsewhere({})).toEqual([])
  })

  it('says so when a thread breaks, to be tried again, and has a fresh one', async () => {
    await using file = await open({ count: 1 })
    await add(file, 'a')
    const broken = [file.readElsewhere({ do: 'break' }), file.readElsewhere({ do: 'break' })]
    const behind = file.readElsewhere({})
    for (const reading of broken)
      await expect(reading).rejects.toMatchObject({ code: 'storage_io', retryable: true })
    expect(await behind).toEqual(['a'])
    expect(await file.readElsewhere({})).toEqual(['a'])
  })

  it('hands on what a thread’s function throws', async () => {
    await using file = await open()
    await expect(file.readElsewhere({ do: 'refuse' })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: 'no such item',
      component: 'test',
      details: { item: 7 },
    })
  })

  it('tries again where readers are kept out', async () => {
    await using file = await open()
    const gate = newGate()
    openGate(gate)
    expect(await file.readElsewhere({ do: 'be busy', gate })).toEqual([])
    expect(Atomics.load(gate, 0)).toBe(3)
  })

  it('refuses what can’t be copied to a thread, and goes on', async () => {
    await using file = await open({ count: 1 })
    const name = 'DataCloneError'
    await expect(file.readElsewhere({ call: () => 1 })).rejects.toMatchObject({ name })
    expect(await file.readElsewhere({})).toEqual([])
  })

  it('lets readings finish that were asked for before it closes, and leaves no -wal', async () => {
    const file = await open({ count: 1 })
    await add(file, 'a')
    const readings = [1, 2, 3].map(() => file.readElsewhere({}))
    await file.close()
    expect(await Promise.all(readings)).toEqual([['a'], ['a'], ['a']])
    await expect(file.readElsewhere({})).rejects.toMatchObject({ code: 'closed' })
    expect(readdirSync(dirname(file.path))).toEqual(['file.db'])
  })

  it('keeps no process alive with idle threads', async () => {
    const script = new URL('fixtures/leaves-readers-idle.ts', import.meta.url)
    expect(await runScript(script, folder('file.db'))).toBe('[]\n')
  })
})

describe('a reader thread reads the very file of the main connection', () => {
  it('and no other that has come to lie in its place', async () => {
    await using file = await open()
    await add(file, 'a')
    renameSync(file.path, folder('away.db'))
    copyFileSync(folder('away.db'), file.path)
    await expect(file.readElsewhere({})).rejects.toMatchObject({
      code: 'storage_io',
      retryable: false,
    })
    renameSync(folder('away.db'), file.path)
    expect(await file.readElsewhere({})).toEqual(['a'])
  })

  it('and another one once the main connection was opened again', async () => {
    const [one, two] = [folder('one.db'), folder('two.db')]
    for (const path of [one, two]) {
      await using file = await open({ path })
      await add(file, path)
    }
    const seat = { path: one, way: 'main file', cacheBytes: 65_536, schema } as const
    let identity = identityOf(one, 'main file')
    const pool = new ReaderPool({ count: 1, entry: itemReader, seat, identity: () => identity })
    expect(await pool.read({}, undefined)).toEqual([one])
    renameSync(two, one)
    identity = identityOf(one, 'main file')
    expect(await pool.read({}, undefined)).toEqual([two])
    await pool.close()
  })

  it('unless a newer version has migrated it', async () => {
    await using file = await open()
    await file.write((tx) => tx.run('PRAGMA user_version = 99'))
    await expect(file.readElsewhere({})).rejects.toMatchObject({ code: 'storage_newer' })
  })

  it('and finds the same damage', async () => {
    const { path } = await filled()
    const handle = openSync(path, 'r+')
    const page = 4096
    for (let at = statSync(path).size - 20 * page; at < statSync(path).size; at += page)
      writeSync(handle, Buffer.alloc(page, 0xab), 0, page, at)
    await using file = await open()
    const all = file.readWhenFree((db) => db.all('SELECT text FROM item ORDER BY id'))
    await expect(all).rejects.toMatchObject({ code: 'storage_damaged' })
    await expect(file.readElsewhere({})).rejects.toMatchObject({ code: 'storage_damaged' })
  })

  it('and what others commit, when it was opened for reading only beside them', async () => {
    await using writer = await open()
    await using file = await open({ readonly: true })
    for (let n = 1; n <= 3; n++) {
      await add(writer, `${n}`)
      expect(await file.readElsewhere({})).toHaveLength(n)
    }
  })

  it('as it was, when it was opened for reading only and nobody had it', async () => {
    await filled(3)
    await using file = await open({ readonly: true })
    await using writer = await open()
    await add(writer, 'later')
    expect(await file.readElsewhere({})).toHaveLength(3)
    expect(file.read((db) => db.all('SELECT 1 FROM item'))).toHaveLength(3)
    expect(await writer.readElsewhere({})).toHaveLength(4)
  })
})

const reason = new Error('enough')

function open({ path = folder('file.db'), count = 2, readonly = false } = {}) {
  return SqliteFile.open({ ...schema, path, readonly, readers: { count, entry: itemReader } })
}

function add(file: SqliteFile, text: string) {
  return file.write((tx) => tx.run('INSERT INTO item (text) VALUES (?)', text))
}

async function filled(count = 5_000): Promise<SqliteFile> {
  await using file = await open()
  await file.write((tx) => {
    for (let n = 0; n < count; n++)
      tx.run('INSERT INTO item (text) VALUES (?)', `${n}`.padStart(50))
  })
  return file
}

function newGate(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(8))
}

/** Resolves when so many have come to the gate. */
async function reached(gate: Int32Array, count: number): Promise<void> {
  for (let seen = Atomics.load(gate, 0); seen < count; seen = Atomics.load(gate, 0))
    await Atomics.waitAsync(gate, 0, seen).value
}

function openGate(gate: Int32Array): void {
  Atomics.store(gate, 1, 1)
  Atomics.notify(gate, 1)
}
