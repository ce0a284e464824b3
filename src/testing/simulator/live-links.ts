import { errorCodes } from '../../errors/index.ts'
import type { LogEvent } from '../../event/index.ts'
import { Link, retrying, retryPolicy, syncOnce, type Transition } from '../../link/index.ts'
import type { Life, Machine } from './machine.ts'
import type { Random } from './random.ts'
import { lineTo } from './sync.ts'
import type { World } from './world.ts'

/** Whether the nodes of a world hold live links, in place of syncing now and then. */
export function isLive({ scenario, filters }: World): boolean {
  return scenario.links === 'live' && !filters.areUsed
}

/** The live links of one process, to all it knows; they end with it. */
export function startLinks(world: World, machine: Machine, life: Life): void {
  const targets = world.scenario.topology.links.filter(([from]) => from === machine.name)
  const links = targets.map(([, to]) => linkTo(world, machine, life, world.machine(to)))
  world.links.set(machine, links)
  const random = world.random.fork(`${machine.name} fidgets at ${world.scheduler.now}`)
  for (const link of links) {
    link.start()
    world.watchedAt(machine, fidget(world, life, link, random))
  }
}

function linkTo(world: World, machine: Machine, life: Life, to: Machine): Link<LogEvent> {
  const { sync, scenario } = world
  const runtime = world.plant.runtime?.(life.runtime) ?? life.runtime
  const line = sync.transport(lineTo(machine, life, to, sync))
  const transport = retrying(line, retryPolicy({}, where), runtime)
  const replica = life.store
  const batch = { count: scenario.batch }
  const round = async (signal: AbortSignal) => {
    // A look beside the stream; while trouble lasts, also one that a hint asked for.
    const isLook = world.isCalm && link.phase === 'live'
    const unsent = isLook ? (await link.unsent(signal))?.count : 0
    const result = await syncOnce({ replica, transport, batch, runtime }, signal, link.greetings)
    if (isLook && (unsent !== 0 || result.pushed > 0)) world.counts.drainedByGuard++
    return link.heard(result)
  }
  const link: Link<LogEvent> = new Link({
    name: to.name,
    replica,
    transport,
    batch,
    interval: scenario.syncEvery,
    timeout: scenario.weather.patience,
    guard: scenario.guard,
    round,
    runtime,
  })
  link.onTransition((transition) => noticed(world, [machine.name, to.name], transition))
  return link
}

function noticed(
  world: World,
  [node, remote]: readonly [string, string],
  { from, to, event, code }: Transition,
): void {
  const { counts, trace, scheduler } = world
  const name = `${node}>${remote}`
  if (from === 'waiting' && event === 'due')
    world.retries.push({ from: node, to: remote, time: scheduler.now })
  if (to === 'live') counts.joins++
  if (to === 'waiting') counts.backoffs++
  if (to === 'greeting' && event === 'again') counts.agains++
  trace.note(`${name} was ${from}, ${event}: ${to}${code === undefined ? '' : ` (${code})`}`)
  if (code !== undefined && !errorCodes[code].retryable && code !== 'closed')
    world.report('S3', `${name} met ${code}`)
}

/** What a user or an operating system does to a link: hints, pauses, a stop and another start. */
async function fidget(
  world: World,
  life: Life,
  link: Link<LogEvent>,
  random: Random,
): Promise<void> {
  for (;;) {
    await life.runtime.sleep(random.exponential(world.scenario.fidgetEvery))
    if (world.isCalm) return
    const whim = random.pick(['nudge', 'nudge', 'pause', 'stop'] as const)
    link[whim]()
    if (whim === 'nudge') continue
    await life.runtime.sleep(random.exponential(1_000))
    if (whim === 'pause') link.resume()
    else link.start()
  }
}

const where = { operation: 'open', component: 'testing' }
