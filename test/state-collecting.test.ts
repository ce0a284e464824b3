import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lastWriteWins, type StateChange, timeOf } from '../src/contracts/index.ts'
import { systemRuntime } from '../src/runtime/index.ts'
import { property } from './property.ts'
import { type StateMember, settleState, stateMember, syncState, versionsIn } from './state-fleet.ts'

const noon = 1_777_636_800_000
const hour = 3_600_000
const day = 24 * hour
const usual = { minimumAge: day, horizon: 30 * day }

describe('T2: a delete whose tombstone is gone', () => {
  it('goes only once every member has seen it, or the horizon has passed', async () => {
    const time = { now: noon }
    const [hub, laptop] = [await stateMember('hub', time), await stateMember('laptop', time)]
    await hub.state.set('things/a', 1)
    await syncState(laptop, hub)
    await syncState(laptop, hub)
    await hub.state.delete('things/a')
    time.now += 2 * day
    expect(await hub.storage.sweep(usual)).toMatchObject({ dropped: 0 })
    await syncState(laptop, hub)
    // The hub hears with the next greeting how far the laptop has come.
    await syncState(laptop, hub)
    expect(await hub.storage.sweep(usual)).toMatchObject({ dropped: 1, more: false })
    expect(await laptop.state.get('things/a')).toBeUndefined()
  })

  it('is kept for its minimum age, whoever has seen it', async () => {
    const time = { now: noon }
    const hub = await stateMember('hub', time)
    await hub.state.set('things/a', 1)
    await hub.state.delete('things/a')
    time.now += day - hour
    expect(await hub.storage.sweep(usual)).toMatchObject({ dropped: 0 })
    time.now += 2 * hour
    expect(await hub.storage.sweep(usual)).toMatchObject({ dropped: 1 })
  })

  it('does not come back with a member that was away for longer than the horizon, who gets a snapshot', async () => {
    const time = { now: noon }
    const [hub, away] = [
      await stateMember('hub', time, { kind: 'sqlite' }),
      await stateMember('away', time),
    ]
    for (const name of ['deleted', 'changed', 'kept', 'mine'])
      await hub.state.set(`things/${name}`, 1)
    await syncState(away, hub)
    await syncState(away, hub)
    await hub.state.delete('things/deleted')
    await away.state.set('things/unsynced', 'old')
    await hub.storage.sweep(usual)
    time.now += 31 * day
    await hub.state.delete('things/mine')
    await hub.state.set('things/changed', 2)
    expect(await hub.storage.sweep(usual)).toMatchObject({ dropped: 1 })
    time.now += 1_000
    await away.state.set('things/mine', 'newer')
    await settleState([away, hub], [[0, 1]])
    for (const { state } of [hub, away])
      expect((await state.keys()).keys).toEqual(['things/changed', 'things/kept', 'things/mine'])
    expect((await hub.storage.late()).map(({ change }) => change.path).toSorted()).toEqual([
      'things/deleted',
      'things/unsynced',
    ])
  })

  it('counts from when it came, not from when it was: who brings it late is heard by all', async () => {
    const time = { now: noon }
    const [hub, one, other] = [
      await stateMember('hub', time),
      await stateMember('one', time),
      await stateMember('other', time),
    ]
    await hub.state.set('things/a', 1)
    for (let round = 0; round < 2; round++)
      for (const member of [one, other]) await syncState(member, hub)
    await one.state.delete('things/a')
    for (let days = 0; days < 40; days++) {
      time.now += day
      await hub.storage.sweep(usual)
    }
    await syncState(one, hub)
    expect(await hub.storage.sweep(usual)).toMatchObject({ dropped: 0 })
    await syncState(other, hub)
    expect(await other.state.get('things/a')).toBeUndefined()
  })

  it('is not found out about half-way: who was reading when it went reads anew', async () => {
    const time = { now: noon }
    const hub = await stateMember('hub', time)
    for (let n = 0; n < 6; n++) await hub.state.set(`things/${n}`, n)
    const want = { count: 2, bytes: 1e6 }
    const first = await hub.storage.changes('' as never, want)
    if (first.kind === 'reset') throw new Error('there is a start')
    await hub.state.delete('things/0')
    const second = await hub.storage.changes(first.cursor, want)
    if (second.kind === 'reset') throw new Error('nothing was collected')
    time.now += 2 * day
    await hub.storage.sweep(usual)
    expect(await hub.storage.changes(second.cursor, want)).toEqual({ kind: 'reset' })
    const { end } = await hub.storage.identity()
    expect(await hub.storage.changes(end, want)).toMatchObject({ kind: 'page', changes: [] })
    expect([...(await versionsIn(hub)).keys()]).toHaveLength(5)
  })
})

const path = fc.constantFrom('things/a', 'things/b', 'rooms/a')
const nth = fc.nat(4)
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('set' as const), nth, path }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), nth, path }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('sync' as const), nth }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('sweep' as const), nth }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('time' as const),
      hours: fc.constantFrom(1, 25, 100, 31 * 24),
    }),
  },
)
const world = fc.record({
  kinds: fc.array(fc.constantFrom('memory' as const, 'sqlite' as const), {
    minLength: 2,
    maxLength: 4,
  }),
  skews: fc.tuple(...Array.from({ length: 4 }, () => fc.constantFrom(0, 0, -hour, hour))),
  isRing: fc.boolean(),
  steps: fc.array(step, { minLength: 8, maxLength: 50 }),
})

it('T1, T2: with tombstones collected all along, nothing deleted comes back, and no write goes without a word', async () => {
  await property(
    world,
    async ({ kinds, skews, isRing, steps }) => {
      const time = { now: noon }
      const written: StateChange[] = []
      const members: StateMember[] = []
      for (const [at, kind] of kinds.entries())
        members.push(
          await stateMember(`m${at}`, time, {
            kind,
            skew: skews[at]!,
            onCommit: (change) => written.push(change),
          }),
        )
      const ways = members.slice(1).map((_, at) => [at, at + 1] as const)
      if (isRing && members.length > 2) ways.push([members.length - 1, 0])
      for (const one of steps) {
        if (one.kind === 'time') time.now += one.hours * hour
        else if (one.kind === 'sync') {
          const [from, to] = ways[one.nth % ways.length]!
          expect((await syncState(members[from]!, members[to]!)).errors).toEqual([])
        } else {
          const { state, storage } = members[one.nth % members.length]!
          if (one.kind === 'set') await state.set(one.path, written.length)
          else if (one.kind === 'delete') await state.delete(one.path)
          else await storage.sweep(usual)
        }
      }
      await settleState(members, ways)
      const newest = new Map<string, StateChange>()
      for (const change of written) {
        const held = newest.get(change.path) ?? change
        newest.set(change.path, lastWriteWins(held, change, systemRuntime))
      }
      const late = new Map<string, StateChange>()
      for (const { storage } of members)
        for (const { change } of await storage.late())
          if (timeOf(change) >= timeOf(late.get(change.path) ?? change))
            late.set(change.path, change)
      const living = await livingIn(members[0]!)
      for (const member of members) expect(await livingIn(member)).toEqual(living)
      for (const [at, change] of newest) {
        const stands = living.get(at)
        if (stands !== undefined) expect(stands).toEqual(change)
        else if (change.dataText !== null) expect(late.get(at)).toEqual(change)
      }
      for (const { state } of members) await state.close()
    },
    60,
  )
}, 240_000)

async function livingIn(member: StateMember): Promise<ReadonlyMap<string, StateChange>> {
  return new Map([...(await versionsIn(member))].filter(([, { dataText }]) => dataText !== null))
}
