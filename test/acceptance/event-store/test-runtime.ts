import { type Runtime, systemRuntime } from '../../../src/runtime/index.ts'

/** The real thing, but for a wall clock that stands still until it is set. */
export interface TestRuntime extends Runtime {
  /** Milliseconds since 1970. */
  wall: number
}

export function testRuntime(): TestRuntime {
  const runtime: TestRuntime = { ...systemRuntime, wall: noon, now: () => runtime.wall }
  return runtime
}

/** Noon, 1 May 2026 UTC. */
const noon = 1_777_636_800_000
