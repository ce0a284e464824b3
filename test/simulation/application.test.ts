import { expect, it } from 'vitest'
import { type Conflict, defineRules, mergeFields } from '../../src/conflict/index.ts'
import { projection } from '../../src/projection/index.ts'
import { SyncNode } from '../../src/sync/index.ts'
import {
  type Application,
  failureReport,
  type SimulationRun,
  simulate,
  testCode,
} from '../../src/testing/index.ts'

const isFull = process.env.REJOIN_TORTURE === 'full'
const seeds = isFull ? 60 : 5

type Events = {
  Named: { name?: string; colour?: string }
  Rung: { times: number }
}

const bells = projection<Events, { times: number; names: readonly string[] }>({
  name: 'bells',
  initial: { times: 0, names: [] },
  on: {
    Rung: (bell, { data }) => ({ ...bell, times: bell.times + data.times }),
    Named: (bell, { data }) => ({ ...bell, names: [...bell.names, JSON.stringify(data)] }),
  },
})

const rules = defineRules({
  rules: [{ name: 'names', when: { type: 'Named' }, resolve: 'merge-fields' }],
})

const application: Application<SyncNode<Events>> = {
  start: ({ store, runtime }) => new SyncNode({ store, runtime, rules, projections: [bells] }),
  act(node, { random, number, name }) {
    const aggregateId = random.pick(['door', 'lamp', 'cart'])
    if (random.chance(0.5))
      return node.append([{ type: 'Rung', aggregateId, data: { times: random.int(1, 9) } }])
    const data = random.chance(0.5) ? { name: `${name}${number}` } : { colour: `${number}` }
    return node.append([{ type: 'Named', aggregateId, data }])
  },
  async view(node) {
    const projected = node.project(bells)
    await projected.run()
    return (await projected.list()).results
  },
  async check(node) {
    const times = (await node.project(bells).get('door'))?.times ?? 0
    return times < 0 ? 'the door was rung less than never' : undefined
  },
}

it(`C2: rules and projections of a user come to the same on every node: ${seeds} seeds`, async () => {
  let owed = 0
  for (let seed = 1; seed <= seeds; seed++) {
    const run = await simulate(seed, { application })
    if (run.finding !== undefined) throw new Error(await failureReport(run, { application }))
    owed += run.owed
  }
  expect(owed).toBeGreaterThan(10 * seeds)
}, 300_000)

it('a world with an application is the same, step for step, for the same seed', async () => {
  for (const seed of [3, 4])
    expect(await simulate(seed, { application })).toEqual(await simulate(seed, { application }))
})

it('an invariant of a user is asked after each act, and a world in which it breaks shrinks', async () => {
  const strict: Application<SyncNode<Events>> = {
    ...application,
    async check(node) {
      const count = (await Array.fromAsync(node.readAggregate('door'))).length
      return count > 5 ? `the door has ${count} events` : undefined
    },
  }
  const run = await failing(strict)
  expect(run.finding).toEqual({
    invariant: 'application',
    message: expect.stringMatching(/^[a-e]: the door has \d+ events$/),
  })
  expect(testCode(run, { application: strict })).toContain('    application,\n    scenario: {')
  const report = await failureReport(run, { application: strict, most: 60 })
  expect(report).toContain('application does not hold in the world of seed')
  expect(report).toMatch(/The smallest of \d+ worlds/)
})

it('what an act rejects with is a finding, and so is a start that fails', async () => {
  const rejecting = { ...application, act: async () => Promise.reject(new Error('no more')) }
  expect((await simulate(1, { application: rejecting })).finding).toMatchObject({
    invariant: 'error',
    message: expect.stringContaining('no more'),
  })
  const broken = { ...application, start: () => Promise.reject(new Error('not today')) }
  expect((await simulate(1, { application: broken })).finding?.message).toContain('not today')
})

it('C2: a resolver that draws lots is found', async () => {
  let draws = 0
  const drawing = defineRules({
    fallback: {
      name: 'lots',
      resolve: (conflict: Conflict) => {
        draws++
        return draws % 2 === 0 ? mergeFields().resolve(conflict) : { kind: 'keep', winners: [0] }
      },
    },
  })
  const lots: Application<SyncNode<Events>> = {
    ...application,
    start: ({ store, runtime }) =>
      new SyncNode({ store, runtime, rules: drawing, projections: [bells] }),
  }
  expect((await failing(lots)).finding?.invariant).toBe('C2')
})

async function failing(given: Application<SyncNode<Events>>): Promise<SimulationRun> {
  for (let seed = 1; seed <= 20; seed++) {
    const run = await simulate(seed, { application: given })
    if (run.finding !== undefined) return run
  }
  throw new Error('nothing was found')
}
