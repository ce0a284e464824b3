import type { EventId } from '../../event/index.ts'
import type { LinkResult } from '../../link/index.ts'
import { checkApplication } from './application-run.ts'
import { isLive } from './live-links.ts'
import type { Life } from './machine.ts'
import type { Reader } from './reader.ts'
import { readingProblem } from './readers.ts'
import { leakProblem, unsentProblem } from './shown.ts'
import {
  causalProblem,
  difference,
  orderProblem,
  repeatProblem,
  type Snapshot,
  sequenceProblem,
  snapshotOf,
} from './snapshot.ts'
import { crowdProblem } from './spread.ts'
import { syncWith } from './sync.ts'
import type { World } from './world.ts'

/** Rounds of syncs, each link once and all at the same instant, within which every outbox must drain (S2). */
export const mostRounds = 12

/** Virtual milliseconds within which that must be, from the end of all trouble. */
export const mostHealing = 120_000

/** What it took until every link was quiet. */
export interface Settled {
  readonly rounds: number
  readonly healed: number
}

/**
 * What must come after the trouble: all nodes start, a bounded number of rounds brings them together, what
 * still travels harms nobody, and all of it outlives one more power cut.
 */
export async function settle(world: World, readers: readonly Reader[] = []): Promise<Settled> {
  const began = world.scheduler.now
  world.calm()
  await startAll(world)
  const rounds = isLive(world) ? await linksUntilQuiet(world) : await syncUntilQuiet(world)
  const healed = world.scheduler.now - began
  if (healed > mostHealing) world.report('S2', `the links were not quiet for ${healed} ms`)
  await untilIdle(world)
  // What came late may be news: a request of a life long over, for instance.
  await syncUntilQuiet(world)
  await untilIdle(world)
  await checkAll(world, readers)
  for (const machine of world.machines) machine.crash()
  await startAll(world)
  stopLinks(world)
  await untilIdle(world)
  await checkAll(world, readers)
  return { rounds, healed }
}

async function startAll(world: World): Promise<void> {
  for (const machine of world.machines) machine.boot()
  const isUp = () => world.machines.every((machine) => machine.life !== undefined)
  await go(world, isUp, 'a node never starts')
}

/** Live links are left to themselves, until all is the same everywhere and they say so; then they are stopped. */
async function linksUntilQuiet(world: World): Promise<number> {
  const { scheduler } = world
  const until = scheduler.now + mostHealing
  let problem: string | undefined = 'nothing was looked at'
  while (problem !== undefined && scheduler.now < until && world.finding === undefined) {
    await scheduler.run({ until: scheduler.now + 2_000, maxSteps })
    problem = await meanwhile(world, unrest(world))
  }
  if (problem !== undefined) world.report('S2', `after ${mostHealing} ms, ${problem}`)
  found(world, 'S2', crowdProblem(world.retries))
  stopLinks(world)
  return 0
}

/** For what may wait for a disk: the world goes on until it is done. */
async function meanwhile<T>(world: World, work: Promise<T>): Promise<T | undefined> {
  let result: { readonly value: T } | undefined
  world.watched(
    work.then((value) => {
      result = { value }
    }),
  )
  await go(world, () => result !== undefined, 'a look at the links never ends')
  return result?.value
}

function stopLinks(world: World): void {
  for (const links of world.links.values()) for (const link of links) link.stop()
}

/** Why it is not all over, if it isn't. */
async function unrest(world: World): Promise<string | undefined> {
  for (const [{ name }, links] of world.links)
    for (const link of links) {
      const { phase, unsent, blocked } = await link.explain()
      if (phase !== 'live') return `${name}>${link.name} is ${phase}`
      if (unsent?.count !== 0) return `${name}>${link.name} has ${unsent?.count} unsent`
      if (blocked !== undefined) return `${name}>${link.name} says ${blocked.cause}`
    }
  const snapshots: Snapshot[] = []
  for (const { name, life } of world.machines)
    snapshots.push(await snapshotOf(name, (life as Life).store))
  const [first, ...others] = snapshots as [Snapshot, ...Snapshot[]]
  return others.map((other) => difference(first, other)).find((one) => one !== undefined)
}

async function syncUntilQuiet(world: World): Promise<number> {
  for (let round = 1; round <= mostRounds; round++)
    if (world.finding !== undefined || (await isQuietRound(world))) return round
  world.report('S2', `after ${mostRounds} rounds the links still have something to do`)
  return mostRounds
}

async function isQuietRound(world: World): Promise<boolean> {
  world.trace.note('everyone syncs')
  const { news } = world
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
  // Stubs move as well, and no sync counts them.
  if (world.news !== news) return false
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

async function checkAll(world: World, readers: readonly Reader[]): Promise<void> {
  if (world.finding !== undefined) return
  const snapshots: Snapshot[] = []
  for (const machine of world.machines)
    snapshots.push(await snapshotOf(machine.name, (machine.life as Life).store))
  if (world.filters.areUsed) checkParts(world, snapshots)
  else checkSame(world, snapshots)
  for (const snapshot of snapshots) checkOne(world, snapshot)
  if (world.application !== undefined)
    await meanwhile(world, checkApplication(world, world.application))
  for (const reader of readers)
    for (const snapshot of snapshots)
      if (snapshot.node === reader.of) found(world, 'L3', readingProblem(reader, snapshot))
}

/** All have all. */
function checkSame(world: World, snapshots: readonly Snapshot[]): void {
  const [first, ...others] = snapshots as [Snapshot, ...Snapshot[]]
  for (const other of others) found(world, 'S1', difference(first, other))
  for (const { node, events } of snapshots)
    for (const id of world.ledger.owed)
      if (!events.has(id)) world.report('S4', `${id} was acknowledged and is not at ${node}`)
  for (const { node, events } of snapshots)
    for (const id of world.ledger.erased)
      if (events.get(id)?.stub === null) world.report('E1', `${id} was erased and lives at ${node}`)
}

/** Over each link, all that its filter shows, and never anything else; nothing is lost anywhere. */
function checkParts(world: World, snapshots: readonly Snapshot[]): void {
  const { filters, scenario, scheduler, counts, ledger } = world
  const of = (name: string) => snapshots.find(({ node }) => node === name) as Snapshot
  for (const [from, to] of scenario.topology.links) {
    const filter = filters.at(from, scheduler.now)
    found(world, 'S1', unsentProblem(filter, of(from), of(to)))
    found(world, 'S1', unsentProblem(filter, of(to), of(from)))
  }
  const isHere = (id: EventId) => snapshots.some(({ events }) => events.get(id)?.stub === null)
  const isErased = (id: EventId) =>
    snapshots.some(({ events }) => events.get(id)?.stub === 'erased')
  for (const id of ledger.owed)
    if (!isHere(id) && !isErased(id))
      world.report('S4', `the content of ${id} was acknowledged and is nowhere`)
  // A copy has what its original had.
  if (counts.copies > 0) return
  for (const snapshot of snapshots) {
    const links = scenario.topology.links.filter((link) => link.includes(snapshot.node))
    const ever = links.flatMap(([from]) => filters.ever(from))
    found(world, 'S1', leakProblem(snapshot, ever), snapshot.node)
  }
}

function checkOne(world: World, snapshot: Snapshot): void {
  const { counts, ledger, numbersGiven } = world
  // A copy repeats a sequence; of what a wiped disk took along, a late message may bring a part back.
  const replaced = counts.wipes + counts.copies + counts.restores > 0
  for (const event of snapshot.events.values()) ledger.meet(event, snapshot.node)
  found(world, 'L3', orderProblem(snapshot), snapshot.node)
  found(world, 'C1', causalProblem(snapshot), snapshot.node)
  if (world.application === undefined)
    found(world, 'S3', repeatProblem(snapshot, numbersGiven), snapshot.node)
  // Where a part is missing, so are its sequences.
  const isWhole = !replaced && !world.filters.areUsed
  if (isWhole) found(world, 'S1', sequenceProblem(snapshot), snapshot.node)
}

function found(world: World, invariant: string, problem: string | undefined, node = ''): void {
  if (problem !== undefined) world.report(invariant, node === '' ? problem : `${node}: ${problem}`)
}

/** More than any settling takes. */
const maxSteps = 200_000
