import type { ProjectionSink } from '../../../contracts/index.ts'
import type { Capability } from '../runner.ts'

/** One implementation, as the suite needs it: how to open, reopen and crash its sinks. */
export interface ProjectionSinkFixture {
  readonly name: string
  readonly capabilities: ProjectionSinkCapabilities
  /** A sink in a new, empty place. */
  open(): Promise<ProjectionSink>
  /** Closes the sink and opens what it left. */
  reopen(sink: ProjectionSink): Promise<ProjectionSink>
  /** Opens what a process that is killed at this very moment leaves; the sink given is abandoned. */
  crash(sink: ProjectionSink): Promise<ProjectionSink>
  /** Opens the same data a second time while the sink is open, as another process does. */
  join(sink: ProjectionSink): Promise<ProjectionSink>
  /** Closes what is still open and removes every place. Called after each test. */
  dispose(): Promise<void>
}

export interface ProjectionSinkCapabilities {
  /** What was committed is there after `reopen` and `crash`. */
  readonly durable: Capability
  /** Several openings share one place; without it `join` is never called. */
  readonly multiProcess: Capability
}
