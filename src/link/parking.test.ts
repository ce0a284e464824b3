import { describe, expect, it } from 'vitest'
import { testRuntime } from '../../test/acceptance/event-store/test-runtime.ts'
import {
  expectSame,
  idsOf,
  type Machine,
  machine,
  sync,
  trySync,
  unsynced,
  write,
} from '../../test/fleet.ts'
import type { Parked } from '../contracts/index.ts'

const day = 24 * 60 * 60_000

describe('an event that the remote refuses', () => {
  it('is parked with its descendants, visibly, and the rest drains', async () => {
    const { laptop, hub, runtime } = await laptopOfTomorrow()
    await write(laptop, 'a', 'a1', 'a2')
    runtime.wall -= 2 * day
    const { errors } = await trySync(laptop, hub)
    expect(errors.map((error) => error.code)).toEqual(['rejected'])
    expect(errors[0]?.details).toEqual({ count: 2, ids: ['a1', 'a2'] })
    expect(errors[0]?.message).toMatch(/refused 2 events: a1: .*; a2: its ancestor a1 is refused/)
    expect((await parked(laptop, hub)).map(({ id, reason }) => [id, reason])).toEqual([
      ['a1', 'clock'],
      ['a2', 'parent_rejected'],
    ])
    const source = await machine('source')
    await write(source, 'b', 'b1')
    await sync(laptop, source)
    await write(laptop, 'a', 'a3')
    expect(await unsynced(laptop, hub)).toBe(4n)
    await trySync(laptop, hub)
    expect(await idsOf(hub)).toEqual(['b1'])
    expect((await parked(laptop, hub)).map((one) => one.id)).toEqual(['a1', 'a2', 'a3'])
    expect(await unsynced(laptop, hub)).toBe(3n)
  })

  it('is offered again at each sync, and heals with its descendants', async () => {
    const { laptop, hub, runtime, hubRuntime } = await laptopOfTomorrow()
    await write(laptop, 'a', 'a1', 'a2', 'a3')
    runtime.wall -= 2 * day
    for (let round = 0; round < 2; round++) {
      expect((await trySync(laptop, hub)).errors).toHaveLength(1)
      expect(await parked(laptop, hub)).toHaveLength(3)
    }
    hubRuntime.wall += 2 * day
    expect(await sync(laptop, hub)).toMatchObject({ pushed: 3 })
    expect(await parked(laptop, hub)).toEqual([])
    expect(await unsynced(laptop, hub)).toBe(0n)
    await expectSame(laptop, hub)
  })

  it('heals in batches of any size', async () => {
    for (const count of [1, 2, 3]) {
      const { laptop, hub, runtime, hubRuntime } = await laptopOfTomorrow()
      for (let n = 0; n < 7; n++) await write(laptop, `a${n % 2}`, `e${n}`)
      runtime.wall -= 2 * day
      const { errors } = await trySync(laptop, hub, { batch: { count } })
      expect(errors[0]?.message).toMatch(/refused 7 events: .*; and 2 more$/)
      expect((await trySync(laptop, hub, { batch: { count } })).errors).toHaveLength(1)
      hubRuntime.wall += 2 * day
      await sync(laptop, hub, { batch: { count } })
      await expectSame(laptop, hub)
    }
  })

  it('is parked for good when its id is known there with other content', async () => {
    const [laptop, hub] = [await machine('laptop'), await machine('hub')]
    await write(laptop, 'a', 'same', 'child')
    await hub.store.append([{ id: 'same', type: 'other', aggregateId: 'a' }])
    const { errors } = await trySync(laptop, hub)
    expect(errors.map((error) => error.code)).toEqual(['rejected', 'rejected'])
    expect(errors.map((error) => error.operation).toSorted()).toEqual(['pull', 'push'])
    expect((await parked(laptop, hub)).map(({ id, reason }) => [id, reason])).toEqual([
      ['same', 'id_conflict'],
    ])
    // Pulled once: the cursor went on. Pushed: offered again.
    expect((await trySync(laptop, hub)).errors.map((error) => error.operation)).toEqual(['push'])
    expect(await idsOf(hub)).toEqual(['same', 'child'])
  })

  it('is forgotten as parked when the link starts over', async () => {
    const { laptop, hub, runtime } = await laptopOfTomorrow()
    await write(laptop, 'a', 'a1')
    runtime.wall -= 2 * day
    await trySync(laptop, hub)
    const { origin } = await hub.store.identity()
    await laptop.store.resetLink(origin)
    expect(await parked(laptop, hub)).toEqual([])
    expect((await trySync(laptop, hub)).errors).toHaveLength(1)
    expect(await parked(laptop, hub)).toHaveLength(1)
  })

  it('reaches a hub that takes it from somebody else, and is unparked then', async () => {
    const { laptop, hub, runtime } = await laptopOfTomorrow()
    const relay = await machine('relay')
    await write(laptop, 'a', 'a1')
    await sync(relay, laptop)
    runtime.wall -= 2 * day
    await trySync(laptop, hub)
    expect(await parked(laptop, hub)).toHaveLength(1)
    await sync(relay, hub)
    await sync(laptop, hub)
    expect(await parked(laptop, hub)).toEqual([])
    await expectSame(laptop, hub, relay)
  })
})

/** A laptop whose clock is two days ahead of the hub's. */
async function laptopOfTomorrow() {
  const [runtime, hubRuntime] = [testRuntime(), testRuntime()]
  const laptop = await machine('laptop', [], { runtime })
  const hub = await machine('hub', [], { runtime: hubRuntime })
  runtime.wall += 2 * day
  return { laptop, hub, runtime, hubRuntime }
}

async function parked(from: Machine, to: Machine): Promise<readonly Parked[]> {
  return (await from.store.link((await to.store.identity()).origin)).parked
}
