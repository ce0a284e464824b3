import type { LogEvent } from '../../event/index.ts'
import type { Position } from '../../version/index.ts'

/** An event to be listed. Where it stands is known of a log on this machine only. */
export interface Listed {
  readonly event: LogEvent
  readonly position?: Position
}

/** What is read at one time, and whether the log ended there. */
export interface Stretch {
  readonly events: readonly Listed[]
  readonly isEnd: boolean
}
