import { expect, it } from 'vitest'
import { copyOf, expectSame, idsOf, machine, sync, write } from '../../test/fleet.ts'
import { level, linked, phase, until } from '../../test/linked.ts'
import type { LogEvent } from '../event/index.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { start } from '../version/index.ts'
import type { Link } from './index.ts'

it('S2: a live link that a late greeting of its other end makes start over sends all again at once', async () => {
  const { laptop, hub, link, runtime } = await linked()
  link.start()
  await phase(link, 'live')
  const { origin } = await laptop.store.identity()
  const { origin: peer } = await hub.store.identity()
  const late = await hub.store.knowledge(origin)
  await write(laptop, 'a', 'l1', 'l2')
  await level(laptop, hub)
  await nothingUnsent(link)
  const began = runtime.now()
  // The hub, as it was a moment ago, says hello to the server of the same replica.
  expect(await laptop.store.confirm(peer, origin, late)).toBe('reset')
  await nothingUnsent(link)
  expect((await laptop.store.link(peer)).pushed).toBe((await laptop.store.identity()).end)
  expect(runtime.now()).toBe(began)
  await phase(link, 'live')
  expect(link.transitions.map(({ event }) => event)).toContain('again')
  await expectSame(laptop, hub)
  await link.close()
})

it('S2: a live link whose replica takes another origin greets under it at once', async () => {
  const { laptop, hub, link } = await linked()
  link.start()
  await phase(link, 'live')
  await write(laptop, 'a', 'l1')
  await level(laptop, hub)
  const { origin } = await laptop.store.identity()
  await laptop.store.renewOrigin(origin)
  const { origin: renewed } = await laptop.store.identity()
  // It offers what it has under its new name.
  await until(async () => (await hub.store.knowledge(renewed)).received !== start)
  await phase(link, 'live')
  await nothingUnsent(link)
  await link.close()
})

it('S2: a link without a stream asks soon after it was made to start over', async () => {
  const hub = await machine('hub')
  const { subscribe: _, ...transport } = memoryTransport(hub.store)
  const { laptop, link, runtime } = await linked({ transport, interval: 3_600_000 }, { hub })
  const { origin } = await laptop.store.identity()
  const { origin: peer } = await hub.store.identity()
  const late = await hub.store.knowledge(origin)
  await write(laptop, 'a', 'l1')
  link.start()
  await phase(link, 'polling')
  expect(await idsOf(hub)).toEqual(['l1'])
  const began = runtime.now()
  expect(await laptop.store.confirm(peer, origin, late)).toBe('reset')
  await until(() => {
    runtime.pass(50)
    return link.statistics.rounds === 2
  })
  await nothingUnsent(link)
  expect(runtime.now() - began).toBeLessThan(60_000)
  await link.close()
})

it('S2: a live link notices a copy at its other end, whose original goes on pushing here', async () => {
  const original = await machine('twin')
  await write(original, 'a', 't1')
  const copy = await copyOf(original)
  const { laptop, link, runtime, line } = await linked({}, { hub: copy })
  link.start()
  await phase(link, 'live')
  // Through the server of the same replica; it goes to everybody but to whom it seems to come from.
  await write(original, 'a', 't2')
  await sync(original, laptop)
  await until(() => runtime.pending === 2)
  expect(await idsOf(copy)).toEqual(['t1'])
  runtime.pass(20_000)
  await level(original, laptop, copy)
  await phase(link, 'live')
  expect((await copy.store.identity()).origin).not.toBe((await original.store.identity()).origin)
  expect(runtime.pending).toBe(1)

  // Who calls back under its own name is no copy: its stream brings what it pushes.
  const hellos = () => line.calls.filter((call) => call === 'hello').length
  const before = hellos()
  await write(copy, 'a', 'c1')
  await sync(copy, laptop)
  await level(laptop, copy)
  runtime.pass(20_000)
  await until(() => runtime.pending === 1)
  expect(hellos()).toBe(before)
  await link.close()
  expect(runtime.pending).toBe(0)
})

it('S2: a live link whose remote goes by another origin follows it under that, once a look beside the stream has told', async () => {
  const { laptop, hub, link } = await linked()
  link.start()
  await phase(link, 'live')
  const { origin } = await hub.store.identity()
  await hub.store.renewOrigin(origin)
  link.nudge()
  await until(() => link.transitions.some(({ event }) => event === 'again'))
  await phase(link, 'live')
  await write(hub, 'a', 'h1')
  await write(laptop, 'b', 'l1')
  await level(laptop, hub)
  await nothingUnsent(link)
  expect(link.peer).toBe((await hub.store.identity()).origin)
  expect((await laptop.store.link(origin)).pulled).toBe(start)
  await link.close()
})

/** No time passes meanwhile. */
function nothingUnsent(link: Link<LogEvent>): Promise<void> {
  const isDrained = async () => (await link.unsent())?.count === 0
  return until(isDrained, 'an empty outbox')
}
