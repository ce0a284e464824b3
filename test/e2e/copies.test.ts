import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeFrame } from '../../src/event/index.ts'
import { syncOnce } from '../../src/link/index.ts'
import { SqliteStore, verifyStore } from '../../src/store/sqlite/index.ts'
import { memoryTransport } from '../../src/transport/memory/index.ts'

/** Real files: what is copied here is what an operator copies. */
let folder: string
let acknowledged: Set<string>
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejoin-copies-'))
  acknowledged = new Set()
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('S4: files that are copied, restored and lost', () => {
  it('a laptop restored from an older copy gets back what it had pushed since', async () => {
    await write('laptop', 5)
    await sync('laptop', 'hub')
    copy('laptop', 'older')
    await write('laptop', 5)
    await sync('laptop', 'hub')
    replace('laptop', 'older')
    await sync('laptop', 'hub')
    await expectAgreement('laptop', 'hub')
  })

  it('a laptop restored from an older copy that has written on loses neither history', async () => {
    await write('laptop', 5)
    await sync('laptop', 'hub')
    copy('laptop', 'older')
    await write('laptop', 5)
    await sync('laptop', 'hub')
    replace('laptop', 'older')
    await write('laptop', 7)
    const before = await originOf('laptop')
    await sync('laptop', 'hub')
    expect(await originOf('laptop')).not.toBe(before)
    await expectAgreement('laptop', 'hub')
  })

  it('a hub restored from an older copy gets its newest events back from the laptops', async () => {
    await write('laptop', 5)
    await write('desktop', 5)
    for (const one of ['laptop', 'desktop', 'laptop']) await sync(one, 'hub')
    copy('hub', 'older')
    await write('laptop', 5)
    await write('desktop', 5)
    for (const one of ['laptop', 'desktop', 'laptop']) await sync(one, 'hub')
    replace('hub', 'older')
    for (const one of ['laptop', 'desktop', 'laptop', 'desktop']) await sync(one, 'hub')
    await expectAgreement('laptop', 'desktop', 'hub')
  })

  it('a hub that lost its file gets everything back', async () => {
    await write('laptop', 5)
    await sync('laptop', 'hub')
    await sync('desktop', 'hub')
    remove('hub')
    await sync('desktop', 'hub')
    await sync('laptop', 'hub')
    await expectAgreement('laptop', 'desktop', 'hub')
  })

  it('a file copied to two laptops goes on as two nodes', async () => {
    await write('laptop', 5)
    await sync('laptop', 'hub')
    copy('laptop', 'twin')
    await write('laptop', 3)
    await write('twin', 4)
    for (const one of ['laptop', 'twin', 'laptop', 'twin']) await sync(one, 'hub')
    expect(await originOf('laptop')).not.toBe(await originOf('twin'))
    await expectAgreement('laptop', 'twin', 'hub')
  })

  it('a file copied while it is open is a copy as well', async () => {
    await write('laptop', 5)
    const open = await SqliteStore.open({ path: path('laptop') })
    await append(open, 5)
    copy('laptop', 'twin')
    await append(open, 5)
    await open.close()
    await write('twin', 5)
    for (const one of ['twin', 'laptop', 'twin']) await sync(one, 'hub')
    await expectAgreement('laptop', 'twin', 'hub')
  })

  it('two hubs end up the same through a laptop that visits both', async () => {
    await write('laptop', 5)
    await write('desktop', 5)
    await sync('desktop', 'office')
    await sync('laptop', 'home')
    await sync('laptop', 'office')
    await sync('laptop', 'home')
    await sync('desktop', 'office')
    await expectAgreement('laptop', 'desktop', 'home', 'office')
  })

  it('a laptop between two hubs that is restored brings neither of them short', async () => {
    await write('desktop', 5)
    await sync('desktop', 'office')
    await sync('laptop', 'home')
    copy('laptop', 'older')
    await sync('laptop', 'office')
    await sync('laptop', 'home')
    replace('laptop', 'older')
    remove('office')
    await sync('laptop', 'home')
    await sync('laptop', 'office')
    await expectAgreement('laptop', 'home', 'office')
  })
})

const path = (name: string) => join(folder, `${name}.db`)

async function append(store: SqliteStore, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const answer = await store.append([
      { type: 'Noted', aggregateId: `note-${n % 3}`, data: { n } },
    ])
    if (answer.kind === 'appended') for (const event of answer.events) acknowledged.add(event.id)
  }
}

async function write(name: string, count: number): Promise<void> {
  await using store = await SqliteStore.open({ path: path(name) })
  await append(store, count)
}

async function sync(name: string, hubName: string): Promise<void> {
  await using replica = await SqliteStore.open({ path: path(name) })
  await using hub = await SqliteStore.open({ path: path(hubName) })
  const result = await syncOnce({ replica, transport: memoryTransport(hub) })
  expect(result.errors).toEqual([])
}

async function originOf(name: string): Promise<string> {
  await using store = await SqliteStore.open({ path: path(name), readonly: true })
  return (await store.identity()).origin
}

function remove(name: string): void {
  for (const ending of endings) rmSync(path(name) + ending, { force: true })
}

function copy(from: string, to: string): void {
  remove(to)
  for (const ending of endings) {
    try {
      cpSync(path(from) + ending, path(to) + ending)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

function replace(name: string, by: string): void {
  copy(by, name)
}

async function expectAgreement(...names: readonly string[]): Promise<void> {
  const logs = await Promise.all(names.map(framesOf))
  for (const frames of logs) expect(frames).toEqual(logs[0])
  for (const id of acknowledged) expect(logs[0]?.has(id)).toBe(true)
  for (const name of names) expect((await verifyStore(path(name))).problems).toEqual([])
}

async function framesOf(name: string): Promise<ReadonlyMap<string, string>> {
  await using store = await SqliteStore.open({ path: path(name), readonly: true })
  const { entries } = await store.entries({})
  const frames = entries.map(({ event }) => [event.id, encodeFrame(event)] as const)
  return new Map(frames.sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** The order in which files are copied while they are open: the WAL last, so that it is not the older. */
const endings = ['', '-wal']
