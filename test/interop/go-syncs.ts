import { expect } from 'vitest'
import { syncOnce } from '../../src/link/index.ts'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { httpTransport } from '../../src/transport/http/index.ts'
import { eventsOf as eventsOfMachine, expectSame, type Machine, machine } from '../fleet.ts'
import type { GoEvent, GoProcess } from './go-process.ts'
import { asGo } from './our-events.ts'
import { ourEvents } from './our-writing.ts'

/** 1,000 events of theirs and 1,000 of ours, and both have all, by id and content. Ends the server. */
export async function eachWay(go: GoProcess): Promise<void> {
  await using server = go
  await server.ask('write 1000 go')
  const theirs = await server.events()
  await using log = await MemoryStore.open({ node: 'laptop' })
  await log.append(ourEvents(1_000, 'ours'))
  const written = await asGo(log)

  expect(await syncWith(server, log)).toEqual({ pushed: 1_000, pulled: 1_000, errors: [] })
  expect(byId(await asGo(log))).toEqual(byId([...theirs, ...written]))
  expect(byId((await server.events()).map(withoutRejoin))).toEqual(byId([...theirs, ...written]))
  expect(await syncWith(server, log)).toEqual({ pushed: 0, pulled: 0, errors: [] })
}

/** Two logs of ours that meet at a Go server alone end identical, with the same heads. Ends the server. */
export async function laptopsThrough(go: GoProcess) {
  await using server = go
  const laptops = [await machine('one'), await machine('two')] as const
  await server.ask('write 150 go')
  // Apart first, so that there is concurrency; then on top of what came from the other and from Go.
  for (const round of ['apart', 'later']) {
    for (const [at, { store }] of laptops.entries())
      await store.append(ourEvents(200, `${round}-${at}`))
    for (const { store } of [...laptops, ...laptops])
      expect((await syncWith(server, store)).errors).toEqual([])
  }
  await expectSame(...laptops)
  const ids = (await server.events()).map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const laptop of laptops) {
    expect((await eventsOfMachine(laptop)).map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
    expect(await outboxOf(laptop.store)).toEqual({ unsynced: 0n, parked: 0 })
  }
  const concurrent = await conflicts(laptops[0])
  expect(concurrent).toBeGreaterThan(0)
  return { events: ids.length, 'aggregates with several heads': concurrent }
}

export async function syncWith(server: { readonly url: string }, replica: MemoryStore) {
  await using transport = httpTransport({ url: server.url })
  const { pushed, pulled, errors } = await syncOnce({ replica, transport })
  return { pushed, pulled, errors }
}

export function byId(events: readonly GoEvent[]): GoEvent[] {
  return events.toSorted((one, other) => (one.id < other.id ? -1 : 1))
}

/** What the application wrote: our header travels in the metadata. */
export function withoutRejoin({ metadata, ...event }: GoEvent): GoEvent {
  const { _rejoin, ...own } = metadata ?? {}
  return { ...event, metadata: Object.keys(own).length === 0 ? null : own }
}

export async function outboxOf(log: MemoryStore) {
  const [link] = (await log.status()).links
  return { unsynced: link?.unsynced, parked: link?.parked }
}

async function conflicts({ store }: Machine): Promise<number> {
  let count = 0
  for (let number = 0; number < 10; number++)
    if ((await store.heads(`account-${number}`)).length > 1) count++
  return count
}
