import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { arrayJournal } from '../../../test/acceptance/array-journal.ts'
import type { EventStore } from '../../contracts/index.ts'
import type { Origin } from '../../event/index.ts'
import { note, notes } from '../../testing/acceptance/event-store/reading.ts'
import { start } from '../../version/index.ts'
import { MemoryStore } from '../memory/index.ts'
import { SqliteStore } from '../sqlite/index.ts'

const peers = Array.from({ length: 100 }, (_, n) => `peer${n}~0123456789abcdef` as Origin)

it('S5: a hundred readers who come back, having read on, cost no commit; the next one takes them along', async () => {
  const records: string[] = []
  const store = await MemoryStore.open({ journal: arrayJournal(records) })
  await store.append(notes(5))
  for (const peer of peers) await greets(store, peer, 1)
  const before = records.length
  for (const peer of peers) {
    await greets(store, peer, 3)
    await greets(store, peer, 3)
  }
  expect(records).toHaveLength(before)
  expect(await limitOf(store, peers)).toBe(3n)
  // What a crash forgets of it only keeps more.
  expect(await limitOf(await openAgain(records), peers)).toBe(1n)
  await store.append([note()])
  expect(records).toHaveLength(before + 1)
  expect(await limitOf(await openAgain(records), peers)).toBe(3n)
})

it('L4: a reader who has fallen back is written down at once, also when it had come farther meanwhile', async () => {
  const records: string[] = []
  const store = await MemoryStore.open({ journal: arrayJournal(records) })
  await store.append(notes(5))
  const [peer] = peers as [Origin]
  for (const upTo of [3, 5, 4]) await greets(store, peer, upTo)
  expect(await limitOf(store, [peer])).toBe(4n)
  expect(await limitOf(await openAgain(records), [peer])).toBe(3n)
  for (const upTo of [5, 2]) await greets(store, peer, upTo)
  await store.append([note()])
  for (const one of [store, await openAgain(records)]) expect(await limitOf(one, [peer])).toBe(2n)
  await greets(store, peer, 4)
  await greets(store, peer, 2)
  await store.append([note()])
  expect(await limitOf(await openAgain(records), [peer])).toBe(2n)
})

it('in a file nothing is flushed for them, and what another process hears later counts', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-heard-'))
  try {
    const path = join(folder, 'log.db')
    await using one = await SqliteStore.open({ path })
    await using two = await SqliteStore.open({ path })
    await one.append(notes(5))
    const [peer] = peers as [Origin]
    for (const each of peers) await greets(one, each, 3)
    const watcher = new DatabaseSync(path, { readOnly: true })
    const version = () => watcher.prepare('PRAGMA data_version').get()?.data_version
    const before = version()
    for (const each of peers) await greets(one, each, 5)
    expect(version()).toBe(before)
    await greets(two, peer, 2)
    expect(version()).not.toBe(before)
    watcher.close()
    expect(await limitOf(one, [peer])).toBe(2n)
    await one.append([note()])
    for (const store of [one, two]) expect(await limitOf(store, [peer])).toBe(2n)
    expect(await limitOf(two, peers.slice(1))).toBe(5n)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

async function greets(store: EventStore, peer: Origin, upTo: number): Promise<void> {
  const { origin } = await store.identity()
  const page = await store.changes(start, { count: upTo, bytes: 1_000_000 })
  if (page.kind === 'reset') throw new Error('reset')
  const known = { received: start, pulled: page.cursor, sequence: 0n, ids: [] }
  expect(await store.confirm(peer, origin, known)).toBe('agreed')
}

/** How far a compaction may go, were these the only readers. */
async function limitOf(store: EventStore, of: readonly Origin[]): Promise<bigint> {
  const leaveBehind = peers.filter((peer) => !of.includes(peer))
  if (store.compact === undefined) throw new Error('this store does not compact')
  return (await store.compact({ leaveBehind })).upTo
}

function openAgain(records: readonly string[]): Promise<MemoryStore> {
  return MemoryStore.open({ journal: arrayJournal([...records]) })
}
