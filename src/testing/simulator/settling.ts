import type { LinkResult } from '../../link/index.ts'
import type { Life } from './machine.ts'
import {
  causalProblem,
  difference,
  orderProblem,
  repeatProblem,
  type Snapshot,
  sequenceProblem,
  snapshotOf,
} from './snapshot.ts'
import { syncWith } from './sync.ts'
import type { World } from './world.ts'

/** Rounds of syncs, each link once and all at the same instant, within which every outbox must drain (S2). */
export const mostRounds = 12

/**
 * What must come after the trouble: all nodes start, a bounded number of rounds brings them together, what
 * still travels harms nobody, and all of it outlives one more power cut. Gives the rounds it took.
 */
export async function settle(world: World): Promise<number> {
  world.calm()
  await startAll(world)
  const rounds = await syncUntilQuiet(world)
  await untilIdle(world)
  // What came late may be news: a request of a life long over, for instance.
  await syncUntilQuiet(world)
  await untilIdle(world)
  await checkAll(world)
  for (const machine of world.machines) machine.crash()
  await startAll(world)
  await checkAll(world)
  return rounds
}

async function startAll(world: World): Promise<void> {
  for (const machine of world.machines) machine.boot()
  const isUp = () => world.machines.every((machine) => machine.life !== undefined)
  await go(world, isUp, 'a node never starts')
}

async function syncUntilQuiet(world: World): Promise<number> {
  for (let round = 1; round <= mostRounds; round++)
    if (world.finding !== undefined || (await isQuietRound(world))) return round
  world.report('S2', `after ${mostRounds} rounds the links still have something to do`)
  return mostRounds
}

async function isQuietRound(world: World): Promise<boolean> {
  world.trace.note('everyone syncs')
  const syncs = world.scenario.topology.links.map(([from, to]) => {
    const machine = world.machine(from)
    return syncWith(machine, machine.life as Life, world.machine(to), world.sync)
  })
  let results: readonly LinkResult[] | undefined
  const all = Promise.all(syncs).then((done) => {
    results = done
  })
  world.watched(all)
  await go(world, () => results !== undefined, 'a sync never ends')
  return results?.every((one) => one.errors.length === 0 && one.pushed + one.pulled === 0) ?? false
}

async function untilIdle(world: World): Promise<void> {
  if (world.finding !== undefined) return
  const end = await world.scheduler.run({ maxSteps })
  if (end !== 'idle') world.report('S2', 'the world never comes to rest')
}

async function go(world: World, until: () => boolean, otherwise: string): Promise<void> {
  const isOver = () => until() || world.finding !== undefined
  const end = await world.scheduler.run({ until: isOver, maxSteps })
  if (end !== 'until') world.report('S2', otherwise)
}

async function checkAll(world: World): Promise<void> {
  if (world.finding !== undefined) return
  const snapshots: Snapshot[] = []
  for (const machine of world.machines)
    snapshots.push(await snapshotOf(machine.name, (machine.life as Life).store))
  const [first, ...others] = snapshots as [Snapshot, ...Snapshot[]]
  for (const other of others) found(world, 'S1', difference(first, other))
  for (const { node, events } of snapshots)
    for (const id of world.ledger.owed)
      if (!events.has(id)) world.report('S4', `${id} was acknowledged and is not at ${node}`)
  for (const snapshot of snapshots) checkOne(world, snapshot)
}

function checkOne(world: World, snapshot: Snapshot): void {
  const { counts, ledger, numbersGiven } = world
  // A copy repeats a sequence; of what a wiped disk took along, a late message may bring a part back.
  const replaced = counts.wipes + counts.copies + counts.restores > 0
  for (const event of snapshot.events.values()) ledger.meet(event, snapshot.node)
  found(world, 'L3', orderProblem(snapshot), snapshot.node)
  found(world, 'C1', causalProblem(snapshot), snapshot.node)
  found(world, 'S3', repeatProblem(snapshot, numbersGiven), snapshot.node)
  if (!replaced) found(world, 'S1', sequenceProblem(snapshot), snapshot.node)
}

function found(world: World, invariant: string, problem: string | undefined, node = ''): void {
  if (problem !== undefined) world.report(invariant, node === '' ? problem : `${node}: ${problem}`)
}

/** More than any settling takes. */
const maxSteps = 200_000
