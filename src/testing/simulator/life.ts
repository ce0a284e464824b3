import { runApplication } from './application-run.ts'
import { isLive, startLinks } from './live-links.ts'
import type { Life, Machine } from './machine.ts'
import { allEntries } from './probe.ts'
import { syncWith } from './sync.ts'
import type { World } from './world.ts'

/**
 * What a process does from its start until its crash: its user appends, and it syncs with those it knows.
 * Every wait is a wait of its own runtime, so it all ends with the life, wherever it stands.
 */
export function live(world: World, machine: Machine, life: Life): void {
  const { application } = world
  if (application === undefined) world.watchedAt(machine, appending(world, machine, life))
  else world.watchedAt(machine, runApplication(world, application, machine, life))
  if (world.scenario.eraseEvery < Number.POSITIVE_INFINITY)
    world.watchedAt(machine, erasing(world, machine, life))
  if (isLive(world)) startLinks(world, machine, life)
  else startSyncing(world, machine, life)
}

function startSyncing(world: World, machine: Machine, life: Life): void {
  for (const [from, to] of world.scenario.topology.links)
    if (from === machine.name)
      world.watchedAt(machine, syncing(world, machine, life, world.machine(to)))
}

async function appending(world: World, machine: Machine, life: Life): Promise<void> {
  const random = world.random.fork(`${machine.name} appends at ${world.scheduler.now}`)
  const user = world.users.get(machine)
  for (;;) {
    await life.runtime.sleep(random.exponential(world.scenario.appendEvery))
    if (world.isCalm || world.numbersGiven >= world.scenario.mostEvents) return
    // Not awaited: users don't wait for each other.
    world.watchedAt(machine, user?.appendSome(life) ?? Promise.resolve())
  }
}

async function erasing(world: World, machine: Machine, life: Life): Promise<void> {
  const random = world.random.fork(`${machine.name} erases at ${world.scheduler.now}`)
  for (;;) {
    await life.runtime.sleep(random.exponential(world.scenario.eraseEvery))
    if (world.isCalm) return
    const events = (await allEntries(life.store)).map((entry) => entry.event)
    if (events.length === 0) continue
    const { id, aggregateId } = random.pick(events)
    const what = random.chance(0.05) ? { aggregateId } : [id]
    world.trace.note(`${machine.name} erases ${'aggregateId' in what ? aggregateId : id}`)
    await life.store.erase(what)
  }
}

async function syncing(world: World, machine: Machine, life: Life, to: Machine): Promise<void> {
  const random = world.random.fork(
    `${machine.name} syncs with ${to.name} at ${world.scheduler.now}`,
  )
  for (;;) {
    await life.runtime.sleep(random.exponential(world.scenario.syncEvery))
    if (world.isCalm) return
    // Now and then two at once, and one that is given up midway.
    if (random.chance(0.1)) world.watchedAt(machine, syncOne(world, machine, life, to))
    const patience = random.chance(0.1) ? random.exponential(500) : undefined
    await syncOne(world, machine, life, to, patience)
  }
}

async function syncOne(
  world: World,
  machine: Machine,
  life: Life,
  to: Machine,
  patience?: number,
): Promise<void> {
  const controller = new AbortController()
  const giveUp = () => controller.abort(enough)
  const timer = patience === undefined ? undefined : life.runtime.timer(patience, giveUp)
  try {
    const { errors } = await syncWith(machine, life, to, world.sync, controller.signal)
    const fatal = errors.find((error) => !error.retryable)
    if (fatal !== undefined) world.report('S3', `${machine.name}>${to.name}: ${fatal.stack}`)
  } catch (error) {
    if (error !== enough) throw error
    world.trace.note(`${machine.name}>${to.name} is given up`)
  } finally {
    timer?.cancel()
  }
}

const enough = new Error('the simulated user has waited long enough')
