import type { World } from './world.ts'

/** Now and then a disk stops working, or has no space left, and is fine again a while later. */
export function troubleDisks(world: World): void {
  const random = world.random.fork('disk trouble')
  const { scheduler, scenario, trace, machines } = world
  const later = () => {
    const wait = random.exponential(scenario.diskTroubleEvery)
    scheduler.after(wait, 'disk trouble', () => {
      if (world.isCalm) return
      strike()
      later()
    })
  }
  later()

  function strike(): void {
    const { name, disk } = random.pick(machines)
    const state = random.pick(['failing', 'full'] as const)
    disk.state = state
    trace.note(`the disk of ${name} is ${state}`)
    scheduler.after(random.exponential(scenario.diskTroubleTime), 'disk mended', () => {
      if (disk.state === state) trace.note(`the disk of ${name} is fine`)
      disk.state = 'fine'
    })
  }
}
