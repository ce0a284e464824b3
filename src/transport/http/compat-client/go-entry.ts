import type { LogEvent } from '../../../event/index.ts'
import type { VersionForm } from '../compat/versions.ts'
import type { CompatEvent, CompatProblem } from '../compat/wire-event.ts'

/** One event of a Go server's log, or what is wrong with it. */
export interface GoEntry {
  /** Its version as a number; `undefined` for one that can't be read. */
  readonly position: bigint | undefined
  readonly version: string
  /** Empty when it is the id that is wrong. */
  readonly id: string
  readonly event: LogEvent | undefined
  readonly problem: string
}

export function entryOf(one: CompatEvent | CompatProblem, versions: VersionForm): GoEntry {
  const { version } = one
  const position = versions.parse(version)
  if ('event' in one) return { position, version, id: one.event.id, event: one.event, problem: '' }
  return { position, version, id: one.id, event: undefined, problem: one.problem }
}
