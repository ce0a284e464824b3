import type { Machine } from './machine.ts'
import type { Random } from './random.ts'
import type { World } from './world.ts'

/**
 * Somebody sets clocks, forwards and back: by a moment, as a time server does, or by hours. How far a
 * clock is off in the end stays below what others refuse to take events from.
 */
export function jumpClocks(world: World): void {
  const random = world.random.fork('clock jumps')
  const offsets = new Map<Machine, number>()
  const later = () => {
    const wait = random.exponential(world.scenario.clockJumpEvery)
    world.scheduler.after(wait, 'clock jump', () => {
      if (world.isCalm) return
      jump(random.pick(world.machines))
      later()
    })
  }
  later()

  function jump(machine: Machine): void {
    const offset = drawOffset(random)
    const by = offset - (offsets.get(machine) ?? 0)
    offsets.set(machine, offset)
    machine.clock.jump(by)
    world.counts.clockJumps++
    world.trace.note(`the clock of ${machine.name} jumps by ${by} ms`)
  }
}

function drawOffset(random: Random): number {
  const most = random.pick([0, 500, 90_000, 4 * 3_600_000])
  return random.int(-most, most)
}
