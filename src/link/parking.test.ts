import { describe, expect, it } from 'vitest'
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
import { RejoinError } from '../errors/index.ts'
import { testRuntime } from '../testing/acceptance/event-store/test-runtime.ts'
import { scriptedTransport } from '../testing/doubles/scripted.ts'
import { memoryTransport } from '../transport/memory/index.ts'

const day = 24 * 60 * 60_000

describe('an event that the remote refuses', () => {
  it('is parked with its descendants, visibly, and the rest drains', async () => {
    const { laptop, hub, runtime } = await laptopOfTomorrow()
    await write(laptop, 'a', 'a1', 'a2')
    runtime.wall -= 2 * day
    const { errors } = await trySync(laptop, hub)
    expect(errors.map((error) => error.code)).toEqual(['rejected'])
    expect(errors[0]?.details).toEqual({ count: 2, ids: ['a1', 'a2'] })
    expect(errors[0]?.message).toMatch(
      /2 events are refused: a1: .*; a2: its ancestor a1 is refused/,
    )
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
      expect(errors[0]?.message).toMatch(/7 events are refused: .*; and 2 more$/)
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
    expect(errors.map((error) => [error.code, error.retryable])).toEqual([['rejected', false]])
    expect((await parked(laptop, hub)).map(({ id, reason }) => [id, reason])).toEqual([
      ['same', 'id_conflict'],
    ])
    expect((await trySync(laptop, hub)).errors).toHaveLength(1)
    expect(await idsOf(hub)).toEqual(['same', 'child'])
  })

  it("is told at every pull when it can't be taken in here", async () => {
    const [laptop, hub] = [await machine('laptop'), await machine('hub')]
    await write(laptop, 'a', 'same')
    await hub.store.append([{ id: 'same', type: 'other', aggregateId: 'a' }])
    const directions = { push: false, pull: true }
    for (let round = 0; round < 2; round++) {
      const { errors } = await trySync(laptop, hub, { directions })
      expect(errors.map((error) => error.message)).toEqual([
        expect.stringContaining("1 event is refused: same: can't be taken in"),
      ])
    }
  })

  it('S2: lets the rest drain when it and what is parked with it are large', async () => {
    const { laptop, hub, runtime, hubRuntime } = await laptopOfTomorrow()
    const data = 'x'.repeat(900_000)
    for (let n = 0; n < 12; n++)
      await laptop.store.append([{ id: `e${n}`, type: 'large', aggregateId: `a${n % 5}`, data }])
    runtime.wall -= 2 * day
    const sizes: number[] = []
    const transport = scriptedTransport(memoryTransport(hub.store), {
      push: (push, batch, signal) => {
        sizes.push(batch.changes.reduce((sum, change) => sum + change.size, 0))
        return push(batch, signal)
      },
    })
    const source = await machine('source')
    await write(source, 'b', 'b1')
    expect((await trySync(laptop, hub, { transport })).errors).toHaveLength(1)
    await sync(laptop, source)
    expect((await trySync(laptop, hub, { transport })).errors).toHaveLength(1)
    expect(await idsOf(hub)).toEqual(['b1'])
    hubRuntime.wall += 2 * day
    await sync(laptop, hub, { transport })
    await expectSame(laptop, hub)
    expect(Math.max(...sizes)).toBeLessThan(2.1 * 1024 * 1024)
  })

  it('S2: is parked when nothing on the way takes it, and the rest drains', async () => {
    const [laptop, hub] = [await machine('laptop'), await machine('hub')]
    await write(laptop, 'a', 'e1', 'e2')
    await laptop.store.append([
      { id: 'large', type: 'noted', aggregateId: 'b', data: 'x'.repeat(900) },
    ])
    await write(laptop, 'a', 'e3')
    await write(laptop, 'b', 'child')
    const transport = scriptedTransport(memoryTransport(hub.store), {
      push: async (push, batch, signal) => {
        const size = batch.changes.reduce((sum, change) => sum + change.dataText.length, 0)
        if (size > 800) throw tooLarge()
        return push(batch, signal)
      },
    })
    const { errors } = await trySync(laptop, hub, { transport })
    expect(errors.map((error) => error.details.ids)).toEqual([['large', 'child']])
    expect(await idsOf(hub)).toEqual(['e1', 'e2', 'e3'])
    await sync(laptop, hub)
    await expectSame(laptop, hub)
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

function tooLarge(): RejoinError {
  const message = 'the proxy takes 800 bytes'
  return new RejoinError('too_large', message, { operation: 'push', component: 'test' })
}

async function parked(from: Machine, to: Machine): Promise<readonly Parked[]> {
  return (await from.store.link((await to.store.identity()).origin)).parked
}
