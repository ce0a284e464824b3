import { uncovered } from './covered.ts'
import type { Life, Machine } from './machine.ts'
import { storeOn } from './probe.ts'
import type { World } from './world.ts'

/** After each start of a process: what it promised is there (L1), and no cursor runs ahead of it (L4). */
export async function checkRestart(world: World, machine: Machine, life: Life): Promise<void> {
  const promised = [...world.ledger.promisedBy(machine.name)]
  const here = new Set((await life.store.fetch(promised)).map(({ id }) => id))
  const lost = promised.filter((id) => !here.has(id))
  if (lost.length > 0)
    world.report('L1', `${machine.name} has lost ${lost.join(' ')} by a mere restart`)
  for (const [from, to] of world.scenario.topology.links) {
    if (from !== machine.name) continue
    const other = world.machine(to)
    const problem = await uncovered(life.store, await storeOn(other.disk.durable()), world.filters)
    if (problem !== undefined)
      world.report('L4', `${machine.name} against the log of ${other.name}: ${problem}`)
  }
}
