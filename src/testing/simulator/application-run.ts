import { canonicalJson } from '../../json/index.ts'
import type { Application } from './application.ts'
import type { Life, Machine } from './machine.ts'
import type { World } from './world.ts'

/** Starts the application's node of a process, and lets its users act on it until all is calm. */
export async function runApplication(
  world: World,
  application: Application,
  machine: Machine,
  life: Life,
): Promise<void> {
  const { name } = machine
  const random = world.random.fork(`${name} acts at ${world.scheduler.now}`)
  const { store, runtime } = life
  const node = await application.start({ name, store, runtime })
  world.nodes.set(life, node)
  for (;;) {
    await runtime.sleep(random.exponential(world.scenario.appendEvery))
    if (world.isCalm || world.numbersGiven >= world.scenario.mostEvents) return
    const number = world.nextNumber()
    world.watchedAt(machine, act(world, application, machine, node, number))
  }
}

/** At rest: every node shows the same, and nothing is wrong with any. */
export async function checkApplication(world: World, application: Application): Promise<void> {
  let first: { readonly name: string; readonly view: string } | undefined
  for (const { name, life } of world.machines) {
    const node = life && world.nodes.get(life)
    if (node === undefined) continue
    await checkNode(world, application, name, node)
    if (application.view === undefined) continue
    const view = canonicalJson(JSON.stringify((await application.view(node)) ?? null))
    first ??= { name, view }
    // Where a filter keeps something back, nodes may well differ.
    if (view !== first.view && !world.filters.areUsed)
      world.report('C2', `${name} shows\n${view}\nand ${first.name}\n${first.view}`)
  }
}

async function act(
  world: World,
  application: Application,
  { name }: Machine,
  node: unknown,
  number: number,
): Promise<void> {
  const random = world.random.fork(`act ${number}`)
  world.trace.note(`${name} acts: ${number}`)
  await application.act?.(node, { name, random, number })
  world.trace.note(`${name} has done ${number}`)
  await checkNode(world, application, name, node)
}

async function checkNode(
  world: World,
  application: Application,
  name: string,
  node: unknown,
): Promise<void> {
  const problem = await application.check?.(node)
  if (problem !== undefined) world.report('application', `${name}: ${problem}`)
}
