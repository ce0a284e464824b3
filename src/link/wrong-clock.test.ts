import { describe, expect, it } from 'vitest'
import {
  eventsOf,
  expectSame,
  idsOf,
  type Machine,
  machine,
  sync,
  trySync,
  write,
} from '../../test/fleet.ts'
import { stampOf } from '../clock/index.ts'
import { silentLogger } from '../ports/index.ts'
import { type TestRuntime, testRuntime } from '../testing/acceptance/event-store/test-runtime.ts'

const day = 24 * 60 * 60_000
const wrong = [
  ['two days', 2 * day],
  ['eighty years', 80 * 365 * day],
] as const

describe('T5: a device that wrote while its clock was ahead, synced nothing, and is right again', () => {
  it.each(wrong)(
    'by %s, keeps what it wrote and what it writes, and is told why they wait',
    async (_how, ahead) => {
      const { laptop, hub, clocks } = await fleet()
      clocks.laptop.wall += ahead
      await write(laptop, 'a', 'a1')
      await write(laptop, 'b', 'b1')
      clocks.laptop.wall -= ahead
      // Its clock never goes back: what it writes from now on is just above, wherever it stands.
      await write(laptop, 'a', 'a2')
      await write(laptop, 'c', 'c1')
      const stamps = (await eventsOf(laptop)).map(({ stamp }) => stamp)
      const first = stampOf(clocks.laptop.wall + ahead)
      expect(stamps).toEqual([first, first + 1n, first + 2n, first + 3n])
      const { errors } = await trySync(laptop, hub)
      expect(errors).toMatchObject([{ code: 'rejected', retryable: true, details: { count: 4 } }])
      expect(errors[0]?.message).toContain('its stamp is a day or more ahead of this node')
      expect(await parked(laptop, hub)).toEqual([
        ['a1', 'clock'],
        ['b1', 'clock'],
        ['a2', 'parent_rejected'],
        ['c1', 'clock'],
      ])
      expect(await idsOf(hub)).toEqual([])
    },
  )

  it('by two days, gets all of it through a day later, and changes nothing before', async () => {
    const { laptop, phone, hub, clocks } = await fleet()
    clocks.laptop.wall += 2 * day
    await write(laptop, 'a', 'a1')
    clocks.laptop.wall -= 2 * day
    await write(laptop, 'b', 'b1')
    await write(phone, 'a', 'other')
    await sync(phone, hub)
    await trySync(laptop, hub)
    expect(await idsOf(hub)).toEqual(['other'])
    for (const clock of Object.values(clocks)) clock.wall += day
    await trySync(laptop, hub)
    expect(await idsOf(hub)).toEqual(['other'])
    // Until less than a day is left.
    for (const clock of Object.values(clocks)) clock.wall += 1
    await sync(laptop, hub)
    await sync(phone, hub)
    await expectSame(laptop, phone, hub)
    expect(await parked(laptop, hub)).toEqual([])
  })

  it('by eighty years, gets them through by who pulls from it, and wins over nobody who has seen them', async () => {
    const { laptop, phone, hub, clocks } = await fleet()
    clocks.laptop.wall += 80 * 365 * day
    await write(laptop, 'a', 'a1')
    clocks.laptop.wall -= 80 * 365 * day
    await trySync(laptop, hub)
    await sync(phone, laptop)
    await sync(phone, hub)
    await write(phone, 'a', 'a2')
    await sync(phone, hub)
    // What stands at the hub of this device shows where its clock goes on.
    await write(laptop, 'b', 'b1', 'b2')
    await sync(laptop, hub)
    await sync(phone, hub)
    await expectSame(laptop, phone, hub)
    expect(await hub.store.heads('a')).toEqual(['a2'])
    expect(await parked(laptop, hub)).toEqual([])
    // All is through: a new store of that device has all of it, and goes on by the right time.
    const anew = await machine('laptop', [], { runtime: clocks.laptop })
    await sync(anew, hub)
    await write(anew, 'c', 'c1')
    await sync(anew, hub)
    await sync(phone, hub)
    await expectSame(anew, phone, hub)
    const c1 = (await eventsOf(phone)).find(({ id }) => id === 'c1')
    expect(c1?.stamp).toBeLessThan(stampOf(clocks.laptop.wall + 61_000))
  })
})

it('T5: a clock that runs away by less than a second with each event is warned of, and refused once it jumps', async () => {
  const warnings: string[] = []
  const logger = { ...silentLogger, warn: (words: string) => void warnings.push(words) }
  const clocks = { laptop: testRuntime(), hub: testRuntime() }
  const laptop = await machine('laptop', [], { runtime: clocks.laptop })
  const hub = await machine('hub', [], { runtime: clocks.hub, logger })
  clocks.laptop.wall += day - 2_500
  for (const id of ['a1', 'a2', 'a3', 'a4']) {
    await write(laptop, 'a', id)
    clocks.laptop.wall += 999
  }
  await sync(laptop, hub)
  expect(await idsOf(hub)).toEqual(['a1', 'a2', 'a3', 'a4'])
  expect(warnings).toEqual(['an event is stamped ahead of this clock'])
  clocks.laptop.wall += 2
  await write(laptop, 'a', 'a5')
  await trySync(laptop, hub)
  expect(await parked(laptop, hub)).toEqual([['a5', 'clock']])
  // Others write above it at once.
  await write(hub, 'a', 'h1')
  expect(await hub.store.heads('a')).toEqual(['h1'])
})

describe('T5: a hub whose clock was ahead, and is right again', () => {
  it.each(wrong)(
    'by %s: what others write above what stands there is taken in at once',
    async (_how, ahead) => {
      const { laptop, phone, hub, clocks } = await fleet()
      clocks.hub.wall += ahead
      await write(hub, 'a', 'h1')
      await write(hub, 'b', 'h2')
      for (const one of [laptop, phone]) await sync(one, hub)
      clocks.hub.wall -= ahead
      await write(laptop, 'a', 'l1', 'l2')
      await write(laptop, 'c', 'l3')
      await write(phone, 'b', 'p1')
      await write(phone, 'a', 'p2')
      for (const one of [laptop, phone, laptop]) await sync(one, hub)
      await expectSame(laptop, phone, hub)
      expect(await hub.store.heads('b')).toEqual(['p1'])
      // Of two who did not know of each other neither is lost, and who has seen both is above both.
      expect(new Set(await hub.store.heads('a'))).toEqual(new Set(['l2', 'p2']))
      await write(laptop, 'a', 'l4')
      await sync(laptop, hub)
      expect(await hub.store.heads('a')).toEqual(['l4'])
      // Where nothing of those times stands, nothing of them comes: nobody has followed that clock.
      const l3 = (await eventsOf(laptop)).find(({ id }) => id === 'l3')
      expect(l3?.stamp).toBeLessThan(stampOf(clocks.laptop.wall + 61_000))
    },
  )

  it.each(wrong)(
    'by %s, as the clock of a device was, takes in whatever that device writes',
    async (_how, ahead) => {
      const { laptop, hub, clocks } = await fleet()
      for (const clock of [clocks.laptop, clocks.hub]) clock.wall += ahead
      await write(laptop, 'a', 'a1')
      await sync(laptop, hub)
      for (const clock of [clocks.laptop, clocks.hub]) clock.wall -= ahead
      await write(laptop, 'a', 'a2')
      await write(laptop, 'b', 'b1', 'b2')
      await sync(laptop, hub)
      await expectSame(laptop, hub)
    },
  )
})

/** Each with a clock of its own. */
async function fleet() {
  const clocks: Record<'laptop' | 'phone' | 'hub', TestRuntime> = {
    laptop: testRuntime(),
    phone: testRuntime(),
    hub: testRuntime(),
  }
  const [laptop, phone, hub] = [
    await machine('laptop', [], { runtime: clocks.laptop }),
    await machine('phone', [], { runtime: clocks.phone }),
    await machine('hub', [], { runtime: clocks.hub }),
  ]
  return { laptop, phone, hub, clocks }
}

async function parked(from: Machine, to: Machine): Promise<readonly (readonly string[])[]> {
  const { parked: all } = await from.store.link((await to.store.identity()).origin)
  return all.map(({ id, reason }) => [id, reason])
}
