import type { ClusterStatus } from '../../../cluster/index.ts'
import type { ClusterWorld } from './cluster-world.ts'
import { isShared, type Server, type ServerLife } from './server.ts'
import type { Side } from './side.ts'
import { isAbove, isSame, shown, type Version } from './version.ts'

/** What settling took: virtual milliseconds from the end of all trouble until every server was level. */
export interface Settled {
  readonly healed: number
}

/** Waits for agreement, in bounded time, and holds what all agree on against the book. */
export async function settleCluster(world: ClusterWorld, tend: () => void): Promise<Settled> {
  const { scheduler } = world
  const began = scheduler.now
  let problem: string | undefined = 'nothing was looked at'
  while (problem !== undefined && scheduler.now < began + longestHealing) {
    tend()
    await pass(world, lookEvery)
    problem = rowProblem(world) ?? (await inWorld(world, statusProblem(world), 'somebody’s status'))
  }
  const healed = scheduler.now - began
  if (problem !== undefined) {
    await inWorld(world, noteStatus(world), 'somebody’s status')
    world.report('S2', `after ${healed} ms ${problem}`)
  }
  for (const side of world.sides) checkBook(world, side)
  if (world.finding !== undefined) return { healed }
  await quiet(world)
  if (world.scenario.disasters.length > 0) await acquainted(world)
  await checkProofs(world)
  if (world.finding === undefined) await checkCosts(world)
  if (world.finding === undefined) await checkCollecting(world)
  return { healed }
}

/** Until nothing has moved for a while: what is level may still be looked through once more. */
async function quiet(world: ClusterWorld): Promise<void> {
  const began = world.scheduler.now
  for (let before = -1; world.movedChanges !== before; ) {
    if (world.scheduler.now > began + longestHealing)
      return world.report('S2', `all are level, and still send each other changes`)
    before = world.movedChanges
    await pass(world, quietFor)
  }
  const problem = rowProblem(world)
  if (problem !== undefined) world.report('S2', `all were level once, and now ${problem}`)
}

/** Until all go by who the others are: a disk that was set back may have been found out by one of them alone. */
async function acquainted(world: ClusterWorld): Promise<void> {
  const { scheduler, acquaintances, report } = world
  const began = scheduler.now
  while (world.finding === undefined) {
    const problem = await inWorld(world, acquaintances.outdated(world.all), 'who is who')
    if (problem === undefined) return
    if (scheduler.now > began + longestGreeting) return report('S2', problem)
    await quiet(world)
  }
}

async function pass(world: ClusterWorld, ms: number): Promise<void> {
  const { scheduler } = world
  const until = scheduler.now + ms
  if ((await scheduler.run({ until, maxSteps })) === 'steps')
    world.report('S2', `the cluster does not come to rest within ${maxSteps} steps`)
}

/** Work that needs the world to go on, such as for a disk; a problem when it does not come to an end. */
async function inWorld(
  world: ClusterWorld,
  work: Promise<string | undefined>,
  what: string,
): Promise<string | undefined> {
  let answer: { readonly problem: string | undefined } | undefined
  work.then(
    (problem) => {
      answer = { problem }
    },
    (error: unknown) => {
      answer = { problem: `${what} fails: ${error}` }
    },
  )
  const latest = world.scheduler.now + patience
  await world.scheduler.run({
    until: () => answer !== undefined || world.scheduler.now > latest,
    maxSteps,
  })
  return answer === undefined ? `${what} does not come` : answer.problem
}

/** All are up, and hold the same in every byte. */
function rowProblem(world: ClusterWorld): string | undefined {
  return world.sides.map((side) => rowProblemIn(world, side)).find((one) => one !== undefined)
}

function rowProblemIn(world: ClusterWorld, { servers }: Side): string | undefined {
  const [first, ...others] = servers
  const own = first?.life === undefined ? undefined : sharedRows(world, first.life)
  if (own === undefined) return `${first?.name} is not up`
  for (const { name, life } of others) {
    if (life === undefined) return `${name} is not up`
    const rows = sharedRows(world, life)
    for (const path of new Set([...own.keys(), ...rows.keys()]))
      if (!isSame(own.get(path), rows.get(path)))
        return `${first?.name} has ${shown(own.get(path))}, and ${name} ${shown(rows.get(path))}`
  }
  return undefined
}

/** What lives; and what was deleted, where tombstones stay. */
function sharedRows(world: ClusterWorld, { disk }: ServerLife): ReadonlyMap<string, Version> {
  const isLasting = world.scenario.collecting === undefined
  return new Map(
    [...disk.rows()].filter(
      ([path, row]) => isShared(path) && (isLasting || row.dataText !== null),
    ),
  )
}

/** All say who leads, and the same; nothing waits, nothing is refused. */
async function statusProblem({ sides }: ClusterWorld): Promise<string | undefined> {
  for (const side of sides) {
    const problem = await statusProblemIn(side)
    if (problem !== undefined) return problem
  }
  return undefined
}

async function statusProblemIn({ servers }: Side): Promise<string | undefined> {
  const all: ClusterStatus[] = []
  for (const { life, name } of servers) {
    if (life === undefined) return `${name} is not up`
    all.push(await life.cluster.status())
  }
  const leaders = all.map(({ keys }) => keys.map(({ path, leader }) => `${path} ${leader}`).join())
  if (new Set(leaders).size > 1) return `servers disagree on who leads: ${leaders.join(' | ')}`
  for (const { node, keys, peers } of all) {
    for (const { path, pendingWrites, leaderReachable, role, leader } of keys) {
      if (pendingWrites > 0) return `${node} has ${pendingWrites} unsent writes under ${path}`
      if (!leaderReachable) return `${node} does not reach the leader of ${path}`
      if ((role === 'leader') !== (leader === `${node}:1`))
        return `${node} is ${role} of ${path}, and ${leader} leads it`
    }
    for (const { address, links } of peers)
      for (const { phase, parked } of links) {
        if (parked.length > 0) return `${address} refuses ${parked[0]?.id} of ${node}`
        if (phase !== 'live') return `the link of ${node} to ${address} is ${phase}`
      }
  }
  return undefined
}

/** For who has to find out why there is no rest. */
async function noteStatus({ all, trace }: ClusterWorld): Promise<undefined> {
  for (const { life, name } of all) {
    const { keys, peers } = (await life?.cluster.status()) ?? { keys: [], peers: [] }
    for (const { path, leader, pendingWrites } of keys)
      trace.note(`${name}: ${path} is led by ${leader}, ${pendingWrites} unsent`)
    for (const { address, healthy, links } of peers)
      for (const { reasons, doing, blocked } of links)
        trace.note(
          `${name}>${address} (${healthy ? 'there' : 'away'}), ${reasons.join()}: ${doing} ${blocked?.message ?? ''}`,
        )
  }
}

/** What stands everywhere is what was written last, and nothing that was acknowledged has gone otherwise. */
function checkBook({ report, scenario }: ClusterWorld, { servers, ledger }: Side): void {
  for (const { name, life } of servers) {
    if (life === undefined) continue
    const rows = new Map([...life.disk.rows()].filter(([path]) => isShared(path)))
    for (const row of rows.values())
      if (!ledger.isKnown(row))
        report('T1', `${name} holds ${shown(row)}, which nobody has written`)
    for (const path of ledger.paths) {
      const owed = ledger.owed(path)
      const row = rows.get(path)
      if (owed === undefined || (row !== undefined && !isAbove(owed, row))) continue
      // Of the deletes of a path any may be left, or none.
      const isDead = (row?.dataText ?? null) === null
      if (scenario.collecting !== undefined && isDead && ledger.wasDeleted(owed)) continue
      const invariant = owed.dataText === null ? 'T2' : 'K1'
      report(invariant, `${name} holds ${shown(row)}, and ${shown(owed)} was acknowledged`)
    }
  }
}

/** Servers prove to each other what the checker has seen, and had nothing to repair. */
async function checkProofs(world: ClusterWorld): Promise<void> {
  for (const { name, life } of world.all) {
    if (life === undefined) continue
    const problem = await inWorld(world, proofProblem(life), 'a proof')
    if (problem === undefined) continue
    await inWorld(world, noteStatus(world), 'somebody’s status')
    world.report('S1', `${name}: ${problem}`)
  }
}

async function proofProblem({ cluster, runtime }: ServerLife): Promise<string | undefined> {
  const before = new Map((await cluster.status()).keys.map(({ path, proof }) => [path, proof]))
  let problem: string | undefined
  // The first one may have been under way, and a link that is just looking beside its stream is not asked.
  for (let round = 0; round < 5; round++) {
    await cluster.prove()
    problem = undefined
    for (const { path, role, proof } of (await cluster.status()).keys) {
      const earlier = before.get(path)
      const found = (proof?.defects ?? 0) - (earlier?.defects ?? 0)
      if (role === 'leader') continue
      if (found > 0) return `${found} defects are found under ${path}`
      if (proof?.agrees !== true || proof.at === earlier?.at)
        problem = `${path} is not proven to be the leader’s`
    }
    if (problem === undefined) return undefined
    await runtime.sleep(3_000)
  }
  return problem
}

/** Once all is quiet, a write goes to each of the others once; a stream may bring it back to where it was made. */
async function checkCosts(world: ClusterWorld): Promise<void> {
  const { servers } = world
  // A link that looks beside its stream may move it once more.
  const most = servers.length + 2
  for (const server of servers) {
    let [moved, before] = [0, 0]
    do {
      before = world.repeatedGreetings
      moved = await movesOfOneWrite(world, server)
      // A greeting of the time of trouble that comes once more now looks like one of who has lost everything since.
    } while (moved > most && world.repeatedGreetings > before)
    if (moved <= most) continue
    await inWorld(world, noteStatus(world), 'somebody’s status')
    world.report(
      'K3',
      `one write at ${server.name} is sent ${moved} times among ${servers.length} servers`,
    )
  }
}

async function movesOfOneWrite(world: ClusterWorld, server: Server): Promise<number> {
  const { life } = server as Server & { life: ServerLife }
  const { commits, stop } = world.hear(server)
  const set = life.cluster.state().set('settings', { value: world.nextValue() })
  const failure = await inWorld(
    world,
    set.then(() => undefined),
    'a write',
  )
  stop()
  await pass(world, 5_000)
  const problem = failure ?? rowProblem(world)
  if (problem !== undefined) world.report('S2', `5 s after one write ${problem}`)
  return world.movesOf(commits[0] as Version)
}

/**
 * A leader that all have always followed hears how far they have come, and lets its tombstones go; within the time
 * after which a link looks beside its stream, and so says so.
 */
async function checkCollecting(world: ClusterWorld): Promise<void> {
  const { scenario, counts, scheduler, report } = world
  const { collecting, settingsLeader, disasters, promoteEvery, otherLeaderAt } = scenario
  if (collecting === undefined || collecting.horizon < longestTelling) return
  if ((settingsLeader ?? world.leader) !== world.leader || disasters.length > 0) return
  if (promoteEvery < Infinity || otherLeaderAt < Infinity) return
  // Whoever went to the other cluster is waited for until the horizon, as who is away for good.
  if (counts.movedServers > 0) return
  const { life } = world.server(world.leader)
  const left = () =>
    [...(life?.disk.rows().values() ?? [])].filter(({ dataText }) => dataText === null).length
  for (const began = scheduler.now; left() > 0 && scheduler.now < began + longestTelling; )
    await pass(world, quietFor)
  if (left() > 0)
    report('S5', `${world.leader} keeps ${left()} tombstones that all have passed long since`)
  else counts.drained++
}

/** Virtual milliseconds within which everything must be level again. */
export const longestHealing = 120_000
const patience = 30_000
const lookEvery = 500
const quietFor = 8_000
/** A link that is live greets within five minutes, whatever happens. */
const longestGreeting = 6 * 60_000
const longestTelling = 12 * 60_000
const maxSteps = 300_000
