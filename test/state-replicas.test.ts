import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { StateChange } from '../src/contracts/index.ts'
import { systemRuntime } from '../src/runtime/index.ts'
import { patternFilter, policiesFor } from '../src/store/state/index.ts'
import { property } from './property.ts'
import {
  type Fate,
  fleetPolicies,
  type OnTheWay,
  type StateMember,
  settleState,
  stateMember,
  syncState,
  versionsIn,
} from './state-fleet.ts'

const path = fc.constantFrom('things/a', 'things/b', 'users/a', 'users/b', 'claims/a', 'own/a')
const data = fc.record({ x: fc.nat(3), y: fc.nat(3) }, { requiredKeys: [] })
const nth = fc.nat(4)
const write = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('set' as const), nth, path, data }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('patch' as const), nth, path, data }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), nth, path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const), nth }) },
)
const fate = fc.constantFrom<Fate>('fine', 'fine', 'lost', 'unanswered', 'doubled', 'again later')
const step = fc.oneof(
  { weight: 3, arbitrary: write },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('sync' as const),
      nth,
      count: fc.integer({ min: 1, max: 3 }),
      fates: fc.array(fate, { maxLength: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('late' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.nat(5_000) }) },
)
const world = fc.record({
  kinds: fc.array(fc.constantFrom('memory' as const, 'sqlite' as const), {
    minLength: 2,
    maxLength: 5,
  }),
  skews: fc.array(fc.constantFrom(0, 0, 1, -3_600_000, 45_000, 7_200_000), {
    minLength: 5,
    maxLength: 5,
  }),
  isRing: fc.boolean(),
  isFiltered: fc.boolean(),
  steps: fc.array(step, { minLength: 5, maxLength: 40 }),
})

it('T1, T2, T4: whatever is written where, and lost, doubled or late between, all come to the same bytes', async () => {
  await property(
    world,
    async ({ kinds, skews, isRing, isFiltered, steps }) => {
      const time = { now: 1_777_636_800_000 }
      const written: { readonly at: number; readonly change: StateChange }[] = []
      const members: StateMember[] = []
      for (const [at, kind] of kinds.entries())
        members.push(
          await stateMember(`m${at}`, time, {
            kind,
            skew: skews[at]!,
            onCommit: (change) => written.push({ at, change }),
          }),
        )
      const ways = members.slice(1).map((_, at) => [at, at + 1] as const)
      if (isRing && members.length > 2) ways.push([members.length - 1, 0])
      const shared = ['things/*', 'users/*', 'claims/*']
      const filter = isFiltered ? patternFilter(shared, systemRuntime) : undefined
      const late: OnTheWay = []
      for (const one of steps) {
        if (one.kind === 'sync') {
          const [from, to] = ways[one.nth % ways.length]!
          await syncState(members[from]!, members[to]!, { ...one, ...(filter && { filter }), late })
        } else if (one.kind === 'late') await Promise.allSettled(late.splice(0).map((go) => go()))
        else if (one.kind === 'time') time.now += one.ms
        else await writeTo(members[one.nth % members.length]!, one)
      }
      await settleState(members, ways, filter)
      await Promise.allSettled(late.splice(0).map((go) => go()))
      await settleState(members, ways, filter)
      for (const [at, member] of members.entries()) {
        const known = written.filter(
          (one) => one.at === at || !isFiltered || !one.change.path.startsWith('own/'),
        )
        expect(await versionsIn(member)).toEqual(joined(known.map(({ change }) => change)))
      }
      for (const { state } of members) await state.close()
    },
    60,
  )
}, 240_000)

async function writeTo(
  { state }: StateMember,
  one: typeof write extends fc.Arbitrary<infer W> ? W : never,
) {
  if (one.kind === 'set') await state.set(one.path, one.data)
  else if (one.kind === 'patch') await state.patch(one.path, one.data)
  else if (one.kind === 'delete') await state.delete(one.path)
  else await state.delete('things/*')
}

/** What the policies make of all that was ever written: whatever replicas do must come to just this. */
function joined(changes: readonly StateChange[]): ReadonlyMap<string, StateChange> {
  const policies = policiesFor(fleetPolicies)
  const all = new Map<string, StateChange>()
  for (const change of changes) {
    const held = all.get(change.path)
    const now = held && policies.of(change.path).merge(held, change, systemRuntime)
    all.set(change.path, now ?? change)
  }
  return new Map([...all].toSorted(([one], [other]) => (one < other ? -1 : 1)))
}
