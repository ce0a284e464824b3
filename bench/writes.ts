import type { Sample } from './benchmark.ts'
import type { Subscribers } from './subscribers.ts'

/** Writes one after the other, each until the last reader has it. */
export async function writesTo(
  readers: Subscribers,
  write: (at: number) => Promise<void>,
  writes = 100,
): Promise<Sample> {
  const start = performance.now()
  for (let at = 0; at < writes; at++) {
    const arrived = readers.arrived()
    await write(at)
    await arrived
  }
  return { events: writes, milliseconds: performance.now() - start }
}
