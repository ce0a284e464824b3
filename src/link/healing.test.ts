import { expect, it } from 'vitest'
import { idsOf, machine, write } from '../../test/fleet.ts'
import { linked, phase, until } from '../../test/linked.ts'
import { testRuntime } from '../testing/acceptance/event-store/test-runtime.ts'

const day = 24 * 60 * 60_000

it('a live link offers again by itself what was refused for a clock, as soon as that may be taken', async () => {
  const { laptop, hub, link, runtime, clocks, waits } = await refusedLink()
  await write(laptop, 'a', 'l1')
  await waits(3_000)
  // What is refused meanwhile neither hastens that nor puts it off.
  runtime.pass(1_000)
  await write(laptop, 'a', 'l2')
  await until(async () => (await link.explain()).parked.length === 2)
  await waits(2_000)
  clocks.hub.wall += 2 * day
  runtime.pass(1_999)
  expect(link.statistics.rounds).toBe(1)
  runtime.pass(1)
  await until(async () => (await idsOf(hub)).length === 2)
  await until(async () => (await link.explain()).blocked === undefined)
  expect(link.phase).toBe('live')
  expect(link.statistics).toMatchObject({ streams: 1, failures: 0, pushed: 2 })
  // It is over: the next refusal is the first one again.
  clocks.laptop.wall += 2 * day
  await waits(undefined)
  await write(laptop, 'a', 'l3')
  await waits(3_000)
  await link.close()
})

it.each([
  ['half of the longest waits', 0.5, [3, 5, 9, 17, 31, 31, 31]],
  ['the longest waits', 1, [4, 8, 16, 32, 60, 60, 60]],
])('waits longer each time, and never longer than a minute: %s', async (_how, random, seconds) => {
  const { laptop, link, runtime, waits } = await refusedLink(random)
  await write(laptop, 'a', 'l1')
  for (const [at, wait] of seconds.entries()) {
    await waits(wait * 1_000)
    expect(link.statistics.rounds).toBe(at + 1)
    runtime.pass(wait * 1_000)
    await until(() => link.statistics.rounds === at + 2)
  }
  expect(link.statistics).toMatchObject({ streams: 1, failures: 0, pushed: 0 })
  await link.close()
})

it('what time does not heal waits for the next look at the stream, and so do more than a thousand', async () => {
  const hub = await machine('hub', [], { runtime: { ...testRuntime(), now: () => 0 } })
  await hub.store.append([{ id: 'same', type: 'other', aggregateId: 'a' }])
  const ids = Array.from({ length: 1_001 }, (_, n) => `l${n}`)
  for (const written of [['same'], ids]) {
    const { laptop, link, runtime } = await linked({ guard: 300_000 }, { hub })
    await laptop.store.append(written.map((id) => ({ id, type: 'noted', aggregateId: 'a' })))
    link.start()
    await phase(link, 'live')
    runtime.pass(120_000)
    await until(() => runtime.pending === 1)
    const { parked, blocked } = await link.explain()
    expect(parked).toHaveLength(written.length)
    expect(blocked?.nextAttempt).toBe(runtime.now() + 165_000)
    expect(link.statistics.rounds).toBe(1)
    await link.close()
  }
})

/** A live link to a hub whose clock is two days behind. */
async function refusedLink(random = 0.5) {
  const clocks = { laptop: testRuntime(), hub: testRuntime() }
  clocks.hub.wall -= 2 * day
  const laptop = await machine('laptop', [], { runtime: clocks.laptop })
  const hub = await machine('hub', [], { runtime: clocks.hub })
  const all = await linked({ guard: 300_000 }, { laptop, hub, random: () => random })
  const { link, runtime } = all
  link.start()
  await phase(link, 'live')
  /** Until the next attempt is so far away. */
  const waits = (ms: number | undefined) =>
    until(async () => {
      const next = (await link.explain()).blocked?.nextAttempt
      return ms === undefined ? next === undefined : next === runtime.now() + ms
    }, `a wait of ${ms} ms`)
  return { ...all, clocks, waits }
}
