import { getEventListeners } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import type { Runtime } from '../runtime/index.ts'
import { systemRuntime } from '../runtime/index.ts'
import { CountingParticipant } from './fixtures/counting-participant.ts'
import { useFolder } from './fixtures/folder.ts'
import { schema } from './fixtures/schema.ts'
import { type Connection, SqliteFile } from './index.ts'

const folder = useFolder()

async function open(runtime: Runtime = systemRuntime) {
  const participant = new CountingParticipant()
  const file = await SqliteFile.open({ ...schema, path: folder('a.db'), participant, runtime })
  return { file, participant }
}

const insert = (text: string) => (tx: Connection) =>
  tx.run('INSERT INTO item (text) VALUES (?)', text).changes

function fail(message: string): never {
  throw new Error(message)
}

function texts(file: SqliteFile): unknown[] {
  return file.read((db) => db.all('SELECT text FROM item ORDER BY id')).map(({ text }) => text)
}

describe('a group', () => {
  it('64 writes that wait at the same time share one commit, in the order of the calls', async () => {
    const { file, participant } = await open()
    const names = Array.from({ length: 64 }, (_, i) => `item ${i}`)
    await Promise.all(names.map((name) => file.write(insert(name))))
    expect(participant.calls).toEqual(['begin outside', 'beforeCommit', 'committed'])
    expect(texts(file)).toEqual(names)
    await file.close()
  })

  it('64 callers that each wait for their own write share flushes', async () => {
    const { file, participant } = await open()
    await Promise.all(
      Array.from({ length: 64 }, async (_, caller) => {
        for (let i = 0; i < 5; i++) await file.write(insert(`${caller}.${i}`))
      }),
    )
    expect(texts(file)).toHaveLength(320)
    expect(participant.count('committed')).toBeLessThanOrEqual(10)
    await file.close()
  })

  it('commits the others when one request refuses before it wrote', async () => {
    const { file, participant } = await open()
    const no = new Error('not like this')
    const results = await Promise.allSettled([
      file.write(insert('a')),
      file.write((tx) => {
        tx.get('SELECT 1')
        throw no
      }),
      file.write(insert('b')),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(results[1]).toMatchObject({ reason: no })
    expect(participant.calls).toEqual(['begin outside', 'beforeCommit', 'committed'])
    await file.close()
  })

  it.each<[string, (tx: Connection) => unknown, object]>([
    [
      'writes and then throws',
      (tx) => {
        insert('half')(tx)
        throw new Error('too late')
      },
      { message: 'too late' },
    ],
    [
      'writes by a prepared statement and then throws',
      (tx) => {
        tx.prepare('INSERT INTO item (text) VALUES (?)').run('half')
        throw new Error('too late')
      },
      { message: 'too late' },
    ],
    [
      'changes the schema and then throws',
      (tx) => {
        tx.run('CREATE TABLE half (a)')
        throw new Error('too late')
      },
      { message: 'too late' },
    ],
    ['breaks a constraint', insert('taken'), { code: 'internal', operation: 'write' }],
    ['has an error in its SQL', (tx) => tx.run('INSURT'), { code: 'internal' }],
    [
      'ends the transaction',
      (tx) => tx.run('ROLLBACK'),
      { message: expect.stringContaining('ended inside') },
    ],
  ])('L4: a request that %s harms only itself', async (_, work, reason) => {
    const { file, participant } = await open()
    await file.write(insert('taken'))
    participant.calls.length = 0
    const results = await Promise.allSettled([
      file.write(insert('a')),
      file.write(work),
      file.write(insert('b')),
      file.write(() => {
        throw new Error('refused')
      }),
    ])
    const statuses = ['fulfilled', 'rejected', 'fulfilled', 'rejected']
    expect(results.map(({ status }) => status)).toEqual(statuses)
    expect(results[1]).toMatchObject({ reason })
    expect(texts(file)).toEqual(['taken', 'a', 'b'])
    expect(participant.count('rolledBack')).toBe(2)
    expect(file.read((db) => db.get(`SELECT 1 FROM sqlite_schema WHERE name = 'half'`))).toBe(
      undefined,
    )
    await file.close()
  })

  it('a refusal that rests on a write of a failed group is decided again', async () => {
    const { file } = await open()
    const first = (text: string) => (tx: Connection) => {
      if (tx.get('SELECT 1 FROM item')) throw new Error('not the first')
      insert(text)(tx)
    }
    const results = await Promise.allSettled([
      file.write((tx) => {
        insert('gone')(tx)
        throw new Error('too late')
      }),
      file.write(first('real')),
    ])
    expect(results[1]).toEqual({ status: 'fulfilled', value: undefined })
    expect(texts(file)).toEqual(['real'])
    await file.close()
  })

  it('ends after 20 ms, so that the event loop comes round', async () => {
    let clock = 0
    const { file, participant } = await open({ ...systemRuntime, monotonic: () => clock })
    const slow = (text: string) => (tx: Connection) => {
      clock += 9
      insert(text)(tx)
    }
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((text) => file.write(slow(text))))
    expect(participant.count('committed')).toBe(2)
    await file.close()
  })

  it('fails as a whole when the participant does, and the next one goes on', async () => {
    let isBroken = true
    const participant = new CountingParticipant()
    participant.begin = () => {
      if (isBroken) throw new Error('no begin')
    }
    const file = await SqliteFile.open({ ...schema, path: folder('a.db'), participant })
    const results = await Promise.allSettled([file.write(insert('a')), file.write(insert('b'))])
    const refused = { status: 'rejected', reason: new Error('no begin') }
    expect(results).toEqual([refused, refused])
    expect(participant.calls).toEqual(['rolledBack'])
    isBroken = false
    await file.write(insert('c'))
    expect(texts(file)).toEqual(['c'])
    await file.close()
  })

  it('what the participant writes before the commit is part of it', async () => {
    const participant = new CountingParticipant()
    participant.beforeCommit = ((tx: Connection) => insert('dirty')(tx)) as never
    const file = await SqliteFile.open({ ...schema, path: folder('a.db'), participant })
    await file.write(insert('a'))
    expect(texts(file)).toEqual(['a', 'dirty'])
    await expect(file.write(insert('b'))).rejects.toMatchObject({ code: 'internal' })
    expect(texts(file)).toEqual(['a', 'dirty'])
    await file.close()
  })
})

describe('an abort', () => {
  it('withdraws a write that has not begun', async () => {
    const { file } = await open()
    const controller = new AbortController()
    const reason = new Error('changed my mind')
    const gone = file.write(insert('gone'), controller.signal)
    const kept = file.write(insert('kept'))
    controller.abort(reason)
    await expect(gone).rejects.toBe(reason)
    await kept
    await expect(file.write(insert('late'), controller.signal)).rejects.toBe(reason)
    expect(texts(file)).toEqual(['kept'])
    await file.close()
  })

  it('does not undo a write whose turn has come', async () => {
    const { file } = await open()
    const controller = new AbortController()
    const work = (tx: Connection) => {
      controller.abort()
      return insert('done')(tx)
    }
    await expect(file.write(work, controller.signal)).resolves.toBe(1)
    expect(texts(file)).toEqual(['done'])
    await file.close()
  })

  it('leaves no listener behind', async () => {
    const { file } = await open()
    const { signal } = new AbortController()
    await file.write(insert('a'), signal)
    await expect(file.write(() => fail('no'), signal)).rejects.toThrow('no')
    expect(getEventListeners(signal, 'abort')).toEqual([])
    await file.close()
  })

  it('S5: leaves no listener behind when writes fail before their turn', async () => {
    let isBroken = true
    const participant = new CountingParticipant()
    participant.begin = () => {
      if (isBroken) throw new Error('no begin')
    }
    const file = await SqliteFile.open({ ...schema, path: folder('a.db'), participant })
    const { signal } = new AbortController()
    const writes = Array.from({ length: 100 }, () => file.write(insert('a'), signal))
    expect(getEventListeners(signal, 'abort')).toHaveLength(100)
    const results = await Promise.allSettled(writes)
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['rejected']))
    expect(getEventListeners(signal, 'abort')).toEqual([])
    isBroken = false
    await file.close()
  })
})

describe('a busy file', () => {
  it('is waited for without blocking the event loop', async () => {
    const { file, participant } = await open()
    const other = new DatabaseSync(folder('a.db'))
    other.exec('BEGIN IMMEDIATE')
    let isDone = false
    const write = file.write(insert('a')).then(() => {
      isDone = true
    })
    await systemRuntime.sleep(60)
    expect(isDone).toBe(false)
    expect(file.read((db) => db.all('SELECT * FROM item'))).toEqual([])
    other.exec(`INSERT INTO item (text) VALUES ('theirs'); COMMIT`)
    await write
    expect(texts(file)).toEqual(['theirs', 'a'])
    expect(participant.calls.slice(-3)).toEqual(['begin outside', 'beforeCommit', 'committed'])
    other.close()
    await file.close()
  })

  it('is given up after 30 s, with waits that grow to 25 ms, and is free for the next write', async () => {
    let clock = 0
    const waits: number[] = []
    const sleep = async (ms: number) => {
      clock += ms
      waits.push(ms)
    }
    const { file } = await open({ ...systemRuntime, monotonic: () => clock, sleep })
    const other = new DatabaseSync(folder('a.db'))
    other.exec('BEGIN IMMEDIATE')
    const { signal } = new AbortController()
    await expect(file.write(insert('a'), signal)).rejects.toMatchObject({
      code: 'storage_busy',
      retryable: true,
    })
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(clock).toBeGreaterThanOrEqual(30_000)
    expect(clock).toBeLessThan(30_100)
    expect(waits[0]).toBeLessThanOrEqual(1)
    expect(Math.max(...waits)).toBeLessThanOrEqual(25)
    expect(new Set(waits).size).toBeGreaterThan(100)
    other.exec('ROLLBACK')
    other.close()
    await file.write(insert('b'))
    expect(texts(file)).toEqual(['b'])
    await file.close()
  })

  it('a write can be withdrawn while it waits', async () => {
    const { file } = await open()
    const other = new DatabaseSync(folder('a.db'))
    other.exec('BEGIN IMMEDIATE')
    const controller = new AbortController()
    const write = file.write(insert('a'), controller.signal)
    await systemRuntime.sleep(5)
    controller.abort(new Error('enough'))
    await expect(write).rejects.toThrow('enough')
    other.exec('ROLLBACK')
    other.close()
    await file.close()
  })
})
