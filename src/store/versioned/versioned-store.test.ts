import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { property } from '../../../test/property.ts'
import { scratch } from '../../../test/torture/torture.ts'
import type { Appended, EventStore } from '../../contracts/index.ts'
import type { LogEvent, NewEvent } from '../../event/index.ts'
import { syncOnce } from '../../link/index.ts'
import { SyncNode } from '../../sync/index.ts'
import { memoryTransport } from '../../transport/memory/index.ts'
import { VectorClock } from '../../version/index.ts'
import { MemoryStore } from '../memory/index.ts'
import { SqliteStore } from '../sqlite/index.ts'
import { timestampManager } from './timestamp-manager.ts'
import { vectorClockManager } from './vector-clock-manager.ts'
import type { VersionManager } from './version-manager.ts'
import { versionKey, versionOf } from './version-of.ts'
import { versionedStore } from './versioned-store.ts'

const note: NewEvent = { type: 'Noted', aggregateId: 'a' }

describe('a store versioned by vector clock', () => {
  it('gives each event the clock of what its writer had seen, as go-sync-kit says', async () => {
    const [a, b] = [await clocked('A'), await clocked('B')]
    expect(await versionsOf(a, [note])).toEqual(['{"A":1}'])
    expect(await versionsOf(b, [note, note])).toEqual(['{"B":1}', '{"B":2}'])
    await sync(a, b)
    expect(await versionsOf(a, [note])).toEqual(['{"A":2,"B":2}'])
    expect(await versionsOf(b, [note])).toEqual(['{"A":1,"B":3}'])
  })

  it('tells what parents tell, in one aggregate', async () => {
    const turn = fc.record({ node: fc.nat(2), with: fc.nat(2), syncs: fc.boolean() })
    await property(fc.array(turn, { minLength: 10, maxLength: 30 }), async (turns) => {
      const stores = [await clocked('A'), await clocked('B'), await clocked('C')]
      for (const { node, with: other, syncs } of turns) {
        if (syncs && node !== other) await sync(stores[node]!, stores[other]!)
        else await stores[node]!.append([note])
      }
      for (const other of [1, 2, 1]) await sync(stores[0]!, stores[other]!)
      const events = await all(stores[0]!)
      const ancestors = ancestry(events)
      for (const one of events)
        for (const other of events) {
          const before = ancestors.get(other.id)!.has(one.id)
          expect(clockOf(one).compare(clockOf(other)) === 'before').toBe(before)
        }
    })
  })

  it('goes on where it was after a restart, and where the log is ahead of it', async () => {
    const log = await MemoryStore.open({ node: 'A' })
    await (await versionedStore(log, vectorClockManager())).append([note, note])
    const again = await versionedStore(log, vectorClockManager())
    expect(await again.currentVersion()).toBe('{"A":2}')
    const beside = await versionedStore(log, vectorClockManager(), { node: 'A.worker' })
    expect(await versionsOf(beside, [note])).toEqual(['{"A":2,"A.worker":1}'])
    expect(await versionsOf(again, [note])).toEqual(['{"A":3,"A.worker":1}'])
  })

  it('is a store like any other for a node, in a file too, whose counters outlive it', async () => {
    using folder = scratch()
    const path = join(folder.path, 'log.db')
    const hub = await clocked('hub')
    await hub.append([note])
    for (const expected of ['{"A":1,"hub":1}', '{"A":2,"hub":1}']) {
      const file = await SqliteStore.open({ path, node: 'A' })
      const store = await versionedStore(file, vectorClockManager())
      await using node = new SyncNode({ store, transport: memoryTransport(hub) })
      expect(await node.sync()).toMatchObject({ ok: true })
      expect(await versionsOf(store, [note])).toEqual([expected])
      expect(await node.sync()).toMatchObject({ ok: true, pushed: 1 })
      expect(await hub.currentVersion()).toBe(expected)
    }
  })

  it('keeps an event that brings a clock nobody can take up, and says so', async () => {
    const warnings: unknown[] = []
    const logger = {
      debug() {},
      info() {},
      error() {},
      warn: (_: string, of: unknown) => warnings.push(of),
    }
    const stranger = await MemoryStore.open({ node: 'stranger' })
    await stranger.append([
      { ...note, metadata: { [versionKey]: '{"A":-1}' } },
      { ...note, metadata: { [versionKey]: `{"${'n'.repeat(256)}":1}` } },
      { ...note, metadata: { [versionKey]: { B: 7 } } },
    ])
    const log = await MemoryStore.open({ node: 'A' })
    const store = await versionedStore(log, vectorClockManager(), { logger })
    expect(await sync(store, stranger)).toMatchObject({ pulled: 3 })
    expect(new Set(warnings.map((of) => (of as { id: string }).id)).size).toBe(2)
    expect(await versionsOf(store, [note])).toEqual(['{"A":1,"B":7}'])
  })

  it('refuses an append when the counter is at its end, and stores nothing', async () => {
    const full = vectorClockManager(VectorClock.of([['A', 2n ** 64n - 2n]]))
    const store = await versionedStore(await MemoryStore.open({ node: 'A' }), full)
    await expect(store.append([note, note])).rejects.toMatchObject({ code: 'too_large' })
    expect(await versionsOf(store, [note])).toEqual([`{"A":${2n ** 64n - 1n}}`])
  })
})

describe('an append', () => {
  it('that stores nothing takes no version', async () => {
    const store = await clocked('A')
    await store.append([{ ...note, id: 'one' }])
    expect(await store.append([note], { expected: 'none' })).toMatchObject({ kind: 'stale' })
    await expect(store.append([{ ...note, type: '' }])).rejects.toMatchObject({
      code: 'invalid_event',
    })
    await expect(store.append([note, 7 as never])).rejects.toMatchObject({ code: 'invalid_event' })
    await expect(store.append([note], { signal: AbortSignal.abort('no') })).rejects.toBe('no')
    expect(await versionsOf(store, [note])).toEqual(['{"A":2}'])
  })

  it('of what is known is harmless: it has the version it had', async () => {
    const store = await clocked('A')
    const named = { ...note, id: 'one', data: 1 }
    await store.append([named])
    expect(await versionsOf(store, [named, note])).toEqual(['{"A":1}', '{"A":2}'])
    expect((await store.status()).events).toBe(2n)
  })

  it('keeps a version that is given, and refuses one that is none', async () => {
    const store = await clocked('A')
    const given = { ...note, metadata: { by: 'me', [versionKey]: '{"Z":4}' } }
    expect(await versionsOf(store, [given, note])).toEqual(['{"Z":4}', '{"A":1,"Z":4}'])
    const wrong = { ...note, metadata: { [versionKey]: 'x' } }
    await expect(store.append([wrong])).rejects.toMatchObject({ code: 'invalid_argument' })
    expect(await store.currentVersion()).toBe('{"A":1,"Z":4}')
  })

  it('waits for the one before it: no version is given twice', async () => {
    const store = await clocked('A')
    const appends = Array.from({ length: 20 }, () => versionsOf(store, [note]))
    const versions = (await Promise.all(appends)).flat()
    expect(versions).toEqual(Array.from({ length: 20 }, (_, at) => `{"A":${at + 1}}`))
  })

  it('leaves the rest of the metadata as it was', async () => {
    const store = await clocked('A')
    const { events } = (await store.append([{ ...note, metadata: { by: 'me' } }])) as Appended
    expect(events[0]!.metadata).toEqual({ by: 'me', [versionKey]: '{"A":1}' })
  })
})

describe('a store versioned by timestamp', () => {
  const at = (now: number) => ({ now: () => now })
  const opened = async (now: number, log: EventStore) =>
    versionedStore(log, timestampManager({ runtime: at(now) }))

  it('gives each event a greater one than all before, whatever the clock does', async () => {
    const log = await MemoryStore.open({ node: 'A' })
    const first = await versionsOf(await opened(1_000_000, log), [note, note])
    const later = await versionsOf(await opened(400_000, log), [note])
    expect([...first, ...later]).toEqual(['1000000000000', '1000000000001', '1000000000002'])
    expect(await versionsOf(await opened(2_000_000, log), [note])).toEqual(['2000000000000'])
  })

  it('does not follow a clock that is a day ahead', async () => {
    const log = await MemoryStore.open({ node: 'A' })
    const manager = timestampManager({ runtime: at(86_400_000) })
    await log.append([{ ...note, metadata: { [versionKey]: '172800000000000' } }])
    await log.append([{ ...note, metadata: { [versionKey]: 'yesterday' } }])
    expect(await versionsOf(await versionedStore(log, manager), [note])).toEqual(['86400000000000'])
    expect(() => manager.updateFromVersion('172800000000000')).toThrow('too far ahead')
    manager.updateFromVersion('172799999999999')
    expect(manager.currentVersion()).toBe('172799999999999')
  })
})

describe('a store versioned in a way of its own', () => {
  it('puts it under its own key', async () => {
    const store = await versionedStore(await MemoryStore.open(), revisions(), { key: 'revision' })
    const { events } = (await store.append([note, note])) as Appended
    expect(events.map((event) => event.metadata)).toEqual([{ revision: 'r1' }, { revision: 'r2' }])
    expect(events.map((event) => versionOf(event))).toEqual([undefined, undefined])
    expect(await store.currentVersion()).toBe('r2')
  })

  it.each([
    [{ append() {} }, revisions(), {}, 'store must be an event store'],
    [undefined, { clone() {} }, {}, 'manager must be a version manager'],
    [undefined, revisions(), { node: 'a b' }, 'node must be'],
    [undefined, revisions(), { key: '' }, 'key must be'],
  ])('says what makes no sense: %#', async (store, manager, options, message) => {
    const opening = versionedStore(
      (store ?? (await MemoryStore.open())) as EventStore,
      manager as VersionManager,
      options,
    )
    await expect(opening).rejects.toThrow(message)
  })
})

function revisions(reached = 0): VersionManager {
  const numberOf = (version: string) => Number(version.slice(1))
  return {
    currentVersion: () => `r${reached}`,
    nextVersion: () => `r${++reached}`,
    updateFromVersion(version) {
      reached = Math.max(reached, numberOf(version))
    },
    clone: () => revisions(reached),
  }
}

async function clocked(node: string) {
  return versionedStore(await MemoryStore.open({ node }), vectorClockManager())
}

async function sync(replica: EventStore, hub: EventStore) {
  await using transport = memoryTransport(hub)
  const result = await syncOnce({ replica, transport })
  expect(result.errors).toEqual([])
  return result
}

async function versionsOf(store: EventStore, events: readonly NewEvent[]) {
  const outcome = await store.append(events)
  return (outcome as Appended).events.map((event) => versionOf(event))
}

async function all(store: EventStore): Promise<readonly LogEvent[]> {
  return (await store.entries()).entries.map(({ event }) => event)
}

function clockOf(event: LogEvent): VectorClock {
  return VectorClock.parse(versionOf(event)!)
}

function ancestry(events: readonly LogEvent[]): Map<string, Set<string>> {
  const ancestors = new Map<string, Set<string>>()
  for (const { id, parents } of events)
    ancestors.set(id, new Set(parents.flatMap((parent) => [parent, ...ancestors.get(parent)!])))
  return ancestors
}
