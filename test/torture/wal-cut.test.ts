import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import type { EventStore } from '../../src/contracts/index.ts'
import type { EventId } from '../../src/event/index.ts'
import { SqliteStore } from '../../src/store/sqlite/index.ts'
import { seededRandom } from '../../src/testing/simulator/random.ts'
import { audit, entriesOf } from './audit.ts'
import { batchOf } from './batch.ts'
import { peer, pulledBatch } from './peer.ts'
import { report, scaled, scratch, seed } from './torture.ts'

// A page of the usual size takes eight times as long, and is cut like any other.
it.each([
  { pageSize: 512, step: scaled({ full: 1, sample: 97 }) },
  { pageSize: 4096, step: scaled({ full: 97, sample: 997 }) },
])(
  'L1, L4: a WAL cut at any byte holds exactly the commits before it (pages of $pageSize bytes)',
  {
    timeout: 1_200_000,
  },
  async ({ pageSize, step }) => {
    using folder = scratch({ inMemory: true })
    const recording = await record(join(folder.path, 'whole.db'), pageSize)
    const { wal, states } = recording
    const seen = { cuts: 0, within: 0, continued: 0 }
    const path = join(folder.path, 'cut.db')
    for (const { name, tail, every } of tailsOf(recording)) {
      for (let length = 0; length <= wal.length; length += step * every) {
        const { state, end } = states.findLast((one) => one.end <= length) as State
        writeFileSync(path, recording.main)
        writeFileSync(
          `${path}-wal`,
          Buffer.concat([wal.subarray(0, length), tail.subarray(length)]),
        )
        await using store = await SqliteStore.open({ path, durability: 'normal' })
        expect(await stateOf(store), `cut at ${length}, then ${name}`).toBe(state)
        seen.cuts++
        if (end < length) seen.within++
        if (seen.cuts % 97 !== 0) continue
        await goesOn(path, store)
        seen.continued++
      }
    }
    report(`WAL cut, pages of ${pageSize} bytes`, {
      'bytes of WAL': wal.length,
      commits: states.length - 1,
      cuts: seen.cuts,
      'within a commit': seen.within,
      'written on and read again': seen.continued,
    })
  },
)

interface State {
  /** The length of the WAL that holds it. */
  readonly end: number
  readonly state: string
}

interface Recording {
  readonly main: Buffer
  /** Of the commits before, which are in the main file by now. */
  readonly formerWal: Buffer
  readonly wal: Buffer
  readonly states: readonly State[]
}

interface Tail {
  readonly name: string
  /** As long as what was there, or empty. */
  readonly tail: Buffer
  readonly every: number
}

/** What stands behind the cut. */
function tailsOf({ wal, formerWal }: Recording): readonly Tail[] {
  return [
    { name: 'nothing', tail: Buffer.alloc(0), every: 1 },
    { name: 'garbage', tail: Buffer.from(seededRandom(seed).bytes(wal.length)), every: 3 },
    // SQLite writes over the WAL it has used before, so that old frames follow the new ones.
    { name: 'older frames', tail: formerWal, every: 7 },
  ]
}

/** Every kind of commit a log makes, one by one, and the log after each. */
async function record(path: string, pageSize: number): Promise<Recording> {
  await (await SqliteStore.open({ path, node: 'cut' })).close()
  setPageSize(path, pageSize)
  const formerWal = await within(path, async (store) => {
    for (let number = 1; number <= 30; number++)
      await store.append(batchOf(`former.${number}`, (number % 3) + 1))
    await store.apply(pulledBatch(0, 5))
    return readFileSync(`${path}-wal`)
  })
  const main = readFileSync(path)
  const { mtimeNs } = statSync(path, { bigint: true })
  return within(path, async (store) => {
    const states: State[] = [{ end: 0, state: await stateOf(store) }]
    for (const commit of commits) {
      await commit(store)
      states.push({ end: statSync(`${path}-wal`).size, state: await stateOf(store) })
    }
    // No page of them is in the main file. Reading it here would drop the locks SQLite has on it.
    expect(statSync(path, { bigint: true }).mtimeNs).toBe(mtimeNs)
    return { main, formerWal, wal: readFileSync(`${path}-wal`), states }
  })
}

const commits: readonly ((store: EventStore) => Promise<unknown>)[] = [
  (store) => store.append(batchOf('one', 1)),
  (store) => store.append(batchOf('several', 5)),
  (store) => store.apply(pulledBatch(5, 4)),
  async (store) => {
    const { pushed: expects, generation } = await store.link(peer)
    const { end } = await store.identity()
    const early = { id: 'former.1/0' as EventId, reason: 'clock', message: 'too early' } as const
    const settlement = { link: peer, generation, expects, pushed: end }
    expect(await store.settle({ ...settlement, parked: [early], unparked: [] })).toBe(true)
  },
  // On a later page of a filter nothing may be left but the cursor.
  (store) => store.apply({ ...pulledBatch(9, 3), changes: [] }),
  (store) => store.append(batchOf('last', 2)),
]

async function within<T>(path: string, work: (store: SqliteStore) => Promise<T>): Promise<T> {
  await using store = await SqliteStore.open({ path })
  return await work(store)
}

function setPageSize(path: string, pageSize: number): void {
  const db = new DatabaseSync(path)
  db.exec(`PRAGMA journal_mode = DELETE; PRAGMA page_size = ${pageSize}; VACUUM`)
  db.exec('PRAGMA journal_mode = WAL')
  expect(db.prepare('PRAGMA page_size').get()).toEqual({ page_size: pageSize })
  db.close()
}

/** Everything a log says, as one text. */
async function stateOf(store: EventStore): Promise<string> {
  const { entries } = await store.entries({})
  const aggregates = new Set(entries.map(({ event }) => event.aggregateId))
  const heads = await Promise.all([...aggregates].map((one) => store.heads(one)))
  const link = await store.link(peer)
  const whole = { entries, heads, link, status: await store.status(), end: await store.identity() }
  return JSON.stringify(whole, (_, value) => (typeof value === 'bigint' ? String(value) : value))
}

/** A recovered log takes more, and keeps it. */
async function goesOn(path: string, store: SqliteStore): Promise<void> {
  await store.append(batchOf('after', 3))
  const entries = await audit(store)
  await store.close()
  await using again = await SqliteStore.open({ path })
  expect(await entriesOf(again)).toEqual(entries)
}
