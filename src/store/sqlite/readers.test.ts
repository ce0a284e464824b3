import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EventStore } from '../../contracts/index.ts'
import { defaultEventLimits, type EventFilter, filterOf } from '../../event/index.ts'
import { silentLogger } from '../../ports/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { type Position, start } from '../../version/index.ts'
import { type LogEngine, LogStore } from '../log/index.ts'
import { SqliteStore } from './index.ts'
import { SqliteEngine } from './sqlite-engine.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejoin-readers-'))
  path = join(folder, 'log.db')
})
afterEach(() => rmSync(folder, { recursive: true }))

const plenty = { count: 1_000, bytes: 1024 * 1024 }
const where = { operation: 'changes', component: 'test' }

describe('a log with reader threads', () => {
  it('lets the event loop come round at every page of a long scan, and reads none on the main connection', async () => {
    const plain = await openCounted(0, 100_000)
    expect(await scan(plain.store)).toEqual({ events: 100_000, turns: 0 })
    expect(plain.engine.reads).toBe(100)
    await plain.store.close()

    const threaded = await openCounted(1)
    const { events, turns } = await scan(threaded.store)
    expect(events).toBe(100_000)
    expect(turns).toBeGreaterThanOrEqual(100)
    expect(threaded.engine.reads).toBe(0)
    await threaded.store.close()
  })

  it('L3: answers as one without: entries, changes and fetch, stubs and odd parents included', async () => {
    const fixture = '../../../test/schema/fixtures/schema-1.db'
    cpSync(fileURLToPath(new URL(fixture, import.meta.url)), path)
    await using plain = await SqliteStore.open({ path })
    await using threaded = await SqliteStore.open({ path, readers: 2 })
    await threaded.append([{ type: 'Noted', aggregateId: 'note-1', data: 'later' }])
    for (const count of [1, 3, 1_000])
      for (const aggregateId of [undefined, 'note-1', 'unknown']) {
        const range = { count, ...(aggregateId === undefined ? {} : { aggregateId }) }
        const { entries, ...rest } = await plain.entries(range)
        const bare = entries.map(({ position, event }) => ({ position, event }))
        expect(await threaded.entries(range)).toEqual({ entries: bare, ...rest })
      }
    let cursor = start
    for (let more = true; more; ) {
      const page = await plain.changes(cursor, { count: 2, bytes: 1024 })
      expect(await threaded.changes(cursor, { count: 2, bytes: 1024 })).toEqual(page)
      if (page.kind !== 'page') throw new Error(page.kind)
      const ids = page.changes.map((event) => event.id)
      expect(await threaded.fetch(ids)).toEqual(await plain.fetch(ids))
      ;({ cursor, more } = page)
    }
    const elsewhere = 'AAAAAAAAAAAAAAAA.3.' as typeof start
    expect(await threaded.changes(elsewhere, plenty)).toEqual({ kind: 'reset' })
  })

  it.each([
    ['that is data on the threads', { types: ['Noted1'] } satisfies EventFilter, 0],
    [
      'with a predicate on the main connection',
      { key: 'ones', matches: ({ type }) => type === 'Noted1' } satisfies EventFilter,
      2,
    ],
  ])('reads under a filter %s', async (_, given, reads) => {
    const { store, engine } = await openCounted(1, 10)
    const filter = filterOf(given as EventFilter, systemRuntime, where)
    const page = await store.changes(start, { ...plenty, filter })
    if (page.kind !== 'page') throw new Error(page.kind)
    const expected = Array.from({ length: 10 }, (_, n) => (n % 5 === 1 ? null : 'withheld'))
    expect(page.changes.map((event) => event.stub)).toEqual(expected)
    const ids = page.changes.map((event) => event.id)
    const events = await store.fetch(ids, undefined, filter)
    expect(events.map((event) => event.stub)).toEqual(expected)
    expect(engine.reads).toBe(reads)
    await store.close()
  })

  it('refuses what makes no sense as one without does', async () => {
    await using plain = await SqliteStore.open({ path })
    await using threaded = await SqliteStore.open({ path, readers: 1 })
    const calls: ((store: EventStore) => Promise<unknown>)[] = [
      (store) => store.entries({ count: 0 }),
      (store) => store.entries({ after: (() => 1) as never }),
      (store) => store.entries(null as never),
      (store) => store.changes(start, null as never),
      (store) => store.changes(start, { ...plenty, filter: {} as never }),
      (store) => store.changes(start, { ...plenty, filter: null as never }),
      (store) => store.fetch([1] as never),
      (store) => store.fetch(null as never),
      (store) => store.fetch([], undefined, null as never),
      (store) => store.entries({}, 'no signal' as never),
    ]
    for (const call of calls)
      expect(await failure(call(threaded))).toEqual(await failure(call(plain)))
  })

  it('may be opened for reading only', async () => {
    await (await openCounted(0, 10)).store.close()
    await using store = await SqliteStore.open({ path, readers: 1, readonly: true })
    expect((await store.entries()).entries).toHaveLength(10)
  })

  it.each([-1, 1.5, 65, '2'])('refuses %j as a number of threads', async (readers) => {
    const opening = SqliteStore.open({ path, readers: readers as number })
    await expect(opening).rejects.toMatchObject({ code: 'invalid_argument' })
    await expect(opening).rejects.toThrow(/^readers must be a whole number from 0 to 64, not /)
  })

  it('refuses a log in memory, which has nothing to share', async () => {
    const opening = SqliteStore.open({ path: ':memory:', readers: 1 })
    await expect(opening).rejects.toMatchObject({ code: 'invalid_argument' })
    await expect(opening).rejects.toThrow('readers must be absent or 0 with ":memory:", not 1')
  })
})

/** Counts what is read on the main connection. */
async function openCounted(readers: number, events = 0) {
  const inner = await SqliteEngine.open({
    path,
    readers,
    durability: 'normal',
    logger: silentLogger,
    runtime: systemRuntime,
  })
  const engine: LogEngine & { reads: number } = {
    reads: 0,
    runtime: inner.runtime,
    read(work, signal) {
      engine.reads++
      return inner.read(work, signal)
    },
    readPage: (request, signal) => inner.readPage(request, signal),
    write: (work, signal) => inner.write(work, signal),
    watch: (signal) => inner.watch(signal),
    close: () => inner.close(),
  }
  const store = new LogStore(engine, defaultEventLimits)
  for (let n = 0; n < events; n += 2_000)
    await store.append(
      Array.from({ length: Math.min(2_000, events) }, (_, at) => ({
        type: `Noted${at % 5}`,
        aggregateId: `note-${at % 100}`,
        data: { at },
      })),
    )
  return { store, engine }
}

/** Reads everything, and counts how often the event loop came round meanwhile: timers and I/O had their turn. */
async function scan(store: EventStore) {
  let [events, turns, done] = [0, 0, false]
  const turn = () => {
    if (done) return
    turns++
    systemRuntime.soon(turn)
  }
  systemRuntime.soon(turn)
  let after = 0n as Position
  for (let more = true; more; ) {
    const page = await store.entries({ after, count: 1_000 })
    events += page.entries.length
    after = page.next
    more = page.more
  }
  done = true
  return { events, turns }
}

async function failure(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call
  } catch (error) {
    return error instanceof Error ? { ...error, message: error.message } : error
  }
}
