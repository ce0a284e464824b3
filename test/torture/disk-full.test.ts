import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { EventStore } from '../../src/contracts/index.ts'
import type { RejoinError } from '../../src/errors/index.ts'
import { syncOnce } from '../../src/link/index.ts'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { SqliteStore } from '../../src/store/sqlite/index.ts'
import { memoryTransport } from '../../src/transport/memory/index.ts'
import { reasonToSkip } from '../skips.ts'
import { audit, brokenBatches, entriesOf } from './audit.ts'
import { batchOf } from './batch.ts'
import { SmallDisk } from './small-disk.ts'
import { report, scaled, scratch } from './torture.ts'

const times = scaled({ full: 20, sample: 3 })

it('L1, L4: a full disk refuses appends and syncs whole, and the same store goes on when there is space', {
  timeout: 120_000,
}, async (context) => {
  using folder = scratch()
  using disk = SmallDisk.mount(folder.path, 8)
  if (disk === undefined) return context.skip(reasonToSkip('store/sqlite', 'full disk'))
  await using store = await SqliteStore.open({ path: join(disk.path, 'log.db'), node: 'small' })
  await using hub = await MemoryStore.open({ node: 'hub' })
  const told: Told = { stored: new Map(), refused: new Map() }
  let failedSyncs = 0
  for (let time = 1; time <= times; time++) {
    await hub.append(batchOf(`hub-${time}`, 40))
    disk.fill((time * 29) % 64)
    const [batch, size] = await appendUntilFull(store, time, told)
    for (const error of await sync(store, hub)) {
      expect(error).toMatchObject({ code: 'storage_full', retryable: true })
      failedSyncs++
    }
    await expectAsTold(store, told)

    disk.free()
    expect(await sync(store, hub)).toEqual([])
    await store.append(batchOf(batch, size))
    told.refused.delete(batch)
    told.stored.set(batch, size)
    await expectAsTold(store, told)
  }
  expect(await sync(store, hub)).toEqual([])
  const there = await idsOf(store)
  expect(await idsOf(hub)).toEqual(there)
  report('full disk', {
    'times full': times,
    'appends stored': told.stored.size,
    'appends refused, none by half': told.refused.size + times,
    'errors of syncs': failedSyncs,
    'events on both sides in the end': there.length,
  })
})

/** Appends by name, and how many events each has. */
interface Told {
  readonly stored: Map<string, number>
  readonly refused: Map<string, number>
}

/** Appends from all sides until nobody gets anything in. Answers with one that did not. */
async function appendUntilFull(
  store: EventStore,
  time: number,
  { stored, refused }: Told,
): Promise<readonly [string, number]> {
  const append = async (caller: number): Promise<readonly [string, number]> => {
    for (let number = 1; ; number++) {
      // An even length: these give their ids, so that a repeat finds what is there.
      const batch = `${time}.${caller}.${number}`.padEnd(12, '-')
      const size = caller === 0 ? 200 : 3
      try {
        await store.append(batchOf(batch, size))
        stored.set(batch, size)
      } catch (error) {
        expect(error as RejoinError).toMatchObject({ code: 'storage_full', retryable: true })
        refused.set(batch, size)
        return [batch, size]
      }
    }
  }
  const ends = await Promise.all(Array.from({ length: 16 }, (_, caller) => append(caller)))
  return ends[time % ends.length] as readonly [string, number]
}

async function sync(store: EventStore, hub: EventStore): Promise<readonly RejoinError[]> {
  await using transport = memoryTransport(hub)
  return (await syncOnce({ replica: store, transport })).errors
}

async function expectAsTold(store: EventStore, { stored, refused }: Told): Promise<void> {
  const entries = await audit(store)
  expect(brokenBatches(entries)).toEqual([])
  const there = new Set(entries.map(({ event }) => event.metadata.batch))
  expect([...stored.keys()].filter((batch) => !there.has(batch))).toEqual([])
  expect([...refused.keys()].filter((batch) => there.has(batch))).toEqual([])
}

async function idsOf(store: EventStore): Promise<readonly string[]> {
  return (await entriesOf(store)).map(({ event }) => event.id).sort()
}
