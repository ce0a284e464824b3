import { type Runtime, systemRuntime } from '../../../runtime/index.ts'

/** The real thing, but for a wall clock that stands still until it is set. */
export interface TestRuntime extends Runtime {
  /** Milliseconds since 1970. */
  wall: number
}

export function testRuntime(): TestRuntime {
  const runtime: TestRuntime = { ...systemRuntime, wall: noon, now: () => runtime.wall }
  return runtime
}

/** The first moment of the year 2200, UTC: milliseconds since 1970. */
export const year2200 = 7_258_118_400_000

/** Noon, 1 May 2026 UTC. */
const noon = 1_777_636_800_000
