import { encodeFrame } from '../../event/index.ts'
import { Fence } from './fence.ts'
import { nodeClock } from './node-clock.ts'
import { nodeRuntime } from './node-runtime.ts'
import type { Random } from './random.ts'
import { Reader } from './reader.ts'
import type { Snapshot } from './snapshot.ts'
import { servedBy } from './sync.ts'
import type { World } from './world.ts'

/** Readers of every speed, each following the log of some node from outside; they never crash. */
export function startReaders(world: World): readonly Reader[] {
  const random = world.random.fork('readers')
  return Array.from({ length: world.scenario.readers }, (_, at) => {
    const reader = readerOf(world, `reader${at + 1}`, random.fork(String(at)))
    world.watched(reader.follow())
    return reader
  })
}

/** At rest: a reader has read all that is in the log, as it is there. */
export function readingProblem(reader: Reader, { node, entries }: Snapshot): string | undefined {
  for (const { event } of entries) {
    const frame = reader.seen.get(event.id)
    if (frame === undefined) return `${reader.name} has not read ${event.id} of ${node}`
    if (frame !== encodeFrame(event)) return `${reader.name} has read ${event.id} as it was once`
  }
  return undefined
}

function readerOf(world: World, name: string, random: Random): Reader {
  const { scheduler, network, scenario, filters, counts, trace, report } = world
  const target = random.pick(world.machines)
  const fence = new Fence()
  const reach = () => servedBy(target.life)
  const mean = random.pick(speeds)
  return new Reader({
    name,
    of: target.name,
    transport: world.sync.transport(
      network.connect({ name, fence }, target.name, reach, () => target.life?.fence),
    ),
    runtime: nodeRuntime({ name, scheduler, random, clock: nodeClock(scheduler), fence }),
    // In calm times even the slow ones come to the end.
    pause: () => (world.isCalm ? 0 : random.exponential(mean)),
    patience: () => random.exponential(500),
    batch: scenario.batch,
    isStill: !filters.areUsed && scenario.eraseEvery === Number.POSITIVE_INFINITY,
    counts,
    trace,
    report,
  })
}

/** Milliseconds over a page: from one who is always there, to one who hardly ever looks. */
const speeds = [0, 50, 1_000, 10_000]
