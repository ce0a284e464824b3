import type { ProjectionSink } from '../../../contracts/index.ts'
import type { KeptCapabilities, KeptFixture } from '../kept.ts'

/** One implementation, as the suite needs it: how to open, reopen and crash its sinks. */
export interface ProjectionSinkFixture extends KeptFixture<ProjectionSink, void> {
  readonly capabilities: ProjectionSinkCapabilities
}

export type ProjectionSinkCapabilities = KeptCapabilities
