import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Entry, EventStore } from '../../src/contracts/index.ts'
import { SqliteStore } from '../../src/store/sqlite/index.ts'
import { seededRandom } from '../../src/testing/simulator/random.ts'
import { audit, brokenBatches } from './audit.ts'
import { Child } from './child.ts'
import type { LateWriterOptions } from './children/late-writer.ts'
import type { OpenerOptions } from './children/opener.ts'
import type { ReaderOptions } from './children/reader.ts'
import type { WriterOptions } from './children/writer.ts'
import { follow } from './follow.ts'
import { report, scaled, scratch, seed } from './torture.ts'

const whole = { timeout: 600_000 }
const events = scaled({ full: 5_000, sample: 500 })
/** What a writer's events make when each batch is as large as a batch can be. */
const fewestBatches = Math.floor(events / 200)

it(
  'L3: four processes write one file at once, and every reader sees every entry once, in order',
  whole,
  async () => {
    using folder = scratch()
    const path = join(folder.path, 'shared.db')
    await using store = await SqliteStore.open({ path, node: 'shared' })
    await using writers = await startWriters(path, 4)
    await using late = Child.start('late-writer', {
      path,
      name: 'late',
    } satisfies LateWriterOptions)
    // Who only opens and reads does not wait for whoever holds the lock.
    await late.said('holding')
    await using byCursor = startReader(path, 'cursor')
    await using byPosition = startReader(path, 'position')
    await byCursor.said('open')
    await byPosition.said('open')
    const stop = new AbortController()
    const here = { ids: [] as string[], pages: 0 }
    const following = follow(store, stop.signal, {
      by: 'cursor',
      count: 50,
      wait: turn,
      onPage: (ids) => {
        here.ids.push(...ids)
        if (ids.length > 0) here.pages++
      },
    })
    const written = writers.write()
    const commits = await commitLate(store, late, written)
    await written
    for (const reader of [byCursor, byPosition]) reader.tell('stop')
    stop.abort()
    await Promise.all([following, byCursor.done(), byPosition.done()])

    const entries = await auditShared(store)
    const ids = entries.map(({ event }) => event.id)
    expect(ids.toSorted()).toEqual([...storedBy(writers.list), ...storedBy([late])].sort())
    expect(ids.length).toBe(4 * events + 3 * commits)
    for (const reader of [byCursor, byPosition]) expect(wordsOf(reader, 'read')).toEqual(ids)
    expect(here.ids).toEqual(ids)
    report('four processes on one file', {
      'events, sequences dense': ids.length,
      'late commits': commits,
      'pages by cursor': pagesOf(byCursor),
      'pages by position': pagesOf(byPosition),
      'pages in this process': here.pages,
      'handovers between writers': handovers(entries),
    })
  },
)

it(
  'L1: a process killed while it holds the lock, and one killed at work, harm nobody else',
  whole,
  async () => {
    using folder = scratch()
    const path = join(folder.path, 'shared.db')
    await using store = await SqliteStore.open({ path, node: 'shared' })
    await using writers = await startWriters(path, 3)
    await using late = Child.start('late-writer', {
      path,
      name: 'late',
    } satisfies LateWriterOptions)
    const [victim, ...others] = writers.list as [Child, Child, Child]
    await late.said('holding')
    for (const writer of writers.list) writer.tell('go')
    // They are at it, and can't.
    await store.entries({})
    await late.kill()
    await victim.said('stored', seededRandom(seed).int(1, fewestBatches))
    await victim.kill()
    await Promise.all(others.map((one) => one.done()))

    const there = new Set((await auditShared(store)).map(({ event }) => event.id as string))
    const promised = storedBy(writers.list)
    expect(promised.filter((id) => !there.has(id))).toEqual([])
    expect(storedBy([late])).toEqual([])
    report('two of four processes killed', {
      'events acknowledged, 0 missing': promised.length,
      'of the one killed at work': storedBy([victim]).length,
    })
  },
)

it('L1: four processes that make one file at the same moment make one log', whole, async () => {
  using folder = scratch()
  const rounds = scaled({ full: 100, sample: 10 })
  await using openers = group(
    Array.from({ length: 4 }, (_, at) =>
      Child.start('opener', { name: `opener-${at + 1}` } satisfies OpenerOptions),
    ),
  )
  await Promise.all(openers.list.map((one) => one.said('ready')))
  const winners = new Set<string>()
  for (let round = 1; round <= rounds; round++) {
    const path = join(folder.path, `${round}.db`)
    for (const opener of openers.list) opener.tell(path)
    const made = await Promise.all(openers.list.map((one) => one.said('made', round)))
    await using store = await SqliteStore.open({ path })
    const entries = await auditShared(store)
    const ids = made.flatMap((line) => line.split(' ').slice(1))
    expect(entries.map(({ event }) => event.id as string).sort()).toEqual(ids.sort())
    winners.add(String(entries[0]?.event.metadata.batch))
  }
  report('files made by four at once', { files: rounds, 'who were first': winners.size })
})

/** A sound log, written under one origin, of whole appends. */
async function auditShared(store: EventStore): Promise<readonly Entry[]> {
  const entries = await audit(store)
  const { origin } = await store.identity()
  expect(new Set(entries.map(({ event }) => event.origin))).toEqual(new Set([origin]))
  expect(brokenBatches(entries)).toEqual([])
  return entries
}

/** Commits late until all is written: each time when everybody has long read what was before it. */
async function commitLate(store: EventStore, late: Child, written: Promise<void>): Promise<number> {
  let isOver = false
  const over = () => {
    isOver = true
  }
  written.then(over, over)
  for (let commits = 1; ; commits++) {
    await late.said('holding', commits)
    const { position } = await store.status()
    for (let turns = 0; turns < 50; turns++) await turn()
    expect((await store.status()).position).toBe(position)
    late.tell('commit')
    await late.said('stored', commits)
    if (isOver) return commits
    late.tell('go on')
  }
}

async function startWriters(path: string, count: number) {
  const writers = group(
    Array.from({ length: count }, (_, at) =>
      Child.start('writer', writerOptions(path, `writer-${at + 1}`)),
    ),
  )
  await Promise.all(writers.list.map((one) => one.said('ready')))
  const write = async () => {
    for (const writer of writers.list) writer.tell('go')
    await Promise.all(writers.list.map((one) => one.done()))
  }
  return { ...writers, write }
}

function writerOptions(path: string, name: string): WriterOptions {
  return { path, name, events, callers: 8, seed }
}

function startReader(path: string, by: ReaderOptions['by']): Child {
  return Child.start('reader', { path, by, count: 50 } satisfies ReaderOptions)
}

function group(list: readonly Child[]) {
  return {
    list,
    async [Symbol.asyncDispose]() {
      await Promise.all(list.map((one) => one[Symbol.asyncDispose]()))
    },
  }
}

function storedBy(children: readonly Child[]): readonly string[] {
  // stored BATCH ID...
  return children.flatMap(({ lines }) =>
    lines.filter((line) => line.startsWith('stored ')).flatMap((line) => line.split(' ').slice(2)),
  )
}

function wordsOf({ lines }: Child, word: string): readonly string[] {
  return lines.flatMap((line) => (line.startsWith(`${word} `) ? line.split(' ').slice(1) : []))
}

function pagesOf({ lines }: Child): number {
  return lines.filter((line) => line.startsWith('read ')).length
}

/** How often an entry is another process's than the one before it. */
function handovers(entries: readonly Entry[]): number {
  const writers = entries.map(({ event }) => String(event.metadata.batch).split('.')[0])
  return writers.filter((writer, at) => at > 0 && writer !== writers[at - 1]).length
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
