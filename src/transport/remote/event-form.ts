import {
  decodeFrames,
  type EventLimits,
  encodeFrame,
  filterFrom,
  type LogEvent,
} from '../../event/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import type { ChangeForm } from './change-form.ts'

/** How events travel. */
export function eventForm(
  limits: EventLimits,
  runtime: Pick<Runtime, 'sha256'>,
): ChangeForm<LogEvent> {
  return {
    noun: 'event',
    plural: 'events',
    encode: encodeFrame,
    decode(text) {
      const { events: changes, end } = decodeFrames(text, limits, runtime)
      return { changes, end }
    },
    filterFrom: (text, where) => filterFrom(text, runtime, where),
  }
}
