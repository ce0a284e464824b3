import { expect } from 'vitest'
import type { Transport } from '../src/contracts/index.ts'
import { type LogEvent, sameEvent } from '../src/event/index.ts'
import { type LinkOptions, type LinkResult, syncOnce } from '../src/link/index.ts'
import { MemoryStore, type MemoryStoreOptions } from '../src/store/memory/index.ts'
import { type MemoryTransportOptions, memoryTransport } from '../src/transport/memory/index.ts'
import { arrayJournal } from './acceptance/array-journal.ts'

/** A store and the records it is made of: copy them to copy it. */
export interface Machine {
  readonly store: MemoryStore
  readonly records: string[]
}

export async function machine(
  node: string,
  records: string[] = [],
  options: MemoryStoreOptions = {},
): Promise<Machine> {
  const journal = arrayJournal(records)
  return { store: await MemoryStore.open({ ...options, node, journal }), records }
}

/** What opens from a copy of the records: all of them, or an older backup's worth. */
export function copyOf({ records }: Machine, upTo = records.length): Promise<Machine> {
  return machine('copy', records.slice(0, upTo))
}

/** Appends one event under each id, each in one commit. */
export async function write(
  { store }: Machine,
  aggregateId: string,
  ...ids: readonly string[]
): Promise<void> {
  for (const id of ids) await store.append([{ id, type: 'noted', aggregateId, data: { id } }])
}

export type SyncSetup = Omit<LinkOptions<LogEvent>, 'replica' | 'transport'> & {
  readonly transport?: Transport<LogEvent>
  readonly remote?: MemoryTransportOptions
  readonly signal?: AbortSignal
}

/** One sync, whatever comes of it. */
export function trySync(from: Machine, to: Machine, setup: SyncSetup = {}): Promise<LinkResult> {
  const { transport = memoryTransport(to.store, setup.remote), signal, ...options } = setup
  return syncOnce({ ...options, replica: from.store, transport }, signal)
}

/** One sync that must succeed. */
export async function sync(from: Machine, to: Machine, setup: SyncSetup = {}): Promise<LinkResult> {
  const result = await trySync(from, to, setup)
  expect(result.errors).toEqual([])
  return result
}

export async function eventsOf({ store }: Machine): Promise<readonly LogEvent[]> {
  const { entries } = await store.entries({ count: 1_000_000, bytes: Number.MAX_SAFE_INTEGER })
  return entries.map((entry) => entry.event)
}

export async function idsOf(one: Machine): Promise<readonly string[]> {
  return (await eventsOf(one)).map((event) => event.id)
}

/** All hold the same events, byte for byte, and agree on every aggregate's heads. */
export async function expectSame(first: Machine, ...others: readonly Machine[]): Promise<void> {
  const expected = new Map((await eventsOf(first)).map((event) => [event.id, event]))
  const aggregates = new Set([...expected.values()].map((event) => event.aggregateId))
  for (const other of others) {
    const found = await eventsOf(other)
    expect(found.map((event) => event.id).toSorted()).toEqual([...expected.keys()].toSorted())
    for (const event of found) {
      const twin = expected.get(event.id) as LogEvent
      if (!sameEvent(event, twin)) expect(event.toJSON()).toEqual(twin.toJSON())
    }
    for (const aggregateId of aggregates)
      expect(new Set(await other.store.heads(aggregateId))).toEqual(
        new Set(await first.store.heads(aggregateId)),
      )
  }
}

/** What the link to the other has not confirmed, as status says it. */
export async function unsynced(from: Machine, to: Machine): Promise<bigint | undefined> {
  const { origin } = await to.store.identity()
  return (await from.store.status()).links.find(({ link }) => link === origin)?.unsynced
}
