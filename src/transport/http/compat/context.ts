import type { EventStore, Replica } from '../../../contracts/index.ts'
import type { LogEvent } from '../../../event/index.ts'
import type { Runtime } from '../../../runtime/index.ts'
import type { Turns } from '../../remote/index.ts'
import type { HttpLimits } from '../limits.ts'
import type { LiveStreams } from '../live-streams.ts'
import type { CompatOptions } from './versions.ts'

/** A log that can be read by position, as versions need it. */
export type PositionedLog = Replica<LogEvent> & Pick<EventStore, 'entries'>

export function isPositioned(log: Replica<LogEvent>): log is PositionedLog {
  return typeof (log as Partial<PositionedLog>).entries === 'function'
}

export interface CompatContext extends Required<CompatOptions> {
  readonly log: PositionedLog
  readonly limits: HttpLimits
  readonly runtime: Runtime
  readonly streams: LiveStreams
  /** For pages: each may hold 8 MiB while it grows. */
  readonly turns: Turns
}
