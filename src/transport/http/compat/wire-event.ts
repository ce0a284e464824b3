import {
  type EventLimits,
  exceedsBytes,
  foreignEvent,
  idProblem,
  type LogEvent,
} from '../../../event/index.ts'
import {
  compactJson,
  elementsOf,
  isNull,
  readFields,
  type Span,
  scanJson,
  stringField,
} from '../../../json/index.ts'
import type { Runtime } from '../../../runtime/index.ts'
import { firstValue, notJson } from './first-value.ts'

import { headerKey, restoredEvent } from './header-in-metadata.ts'
import { memberOf, withoutMember } from './member.ts'

/*
 * An event as go-sync-kit sends it, in lists:
 *
 *   {"event":{"id":…,"type":…,"aggregate_id":…,"data":…,"metadata":{…}|null},"version":"42"}
 *
 * Payload and metadata keep their exact text, numbers digit for digit; only white space between tokens is
 * taken out. What has a header of ours in `metadata._rejoin` (see header-in-metadata.ts) becomes that very
 * event again; whatever else becomes an event without causality (see event/foreign-event.ts).
 */

/** An event, and the version its sender gives it. */
export interface CompatEvent {
  readonly event: LogEvent
  readonly version: string
}

/** An event that breaks a rule, told apart from its neighbours. */
export interface CompatProblem {
  readonly problem: string
  /** Empty when it is the id that is wrong. */
  readonly id: string
  readonly version: string
}

export interface CompatReading {
  readonly limits: EventLimits
  readonly runtime: Pick<Runtime, 'sha256'>
  /** Whether a version is one. Default: any text. */
  readonly isVersion?: (version: string) => boolean
}

/** The events of a body, which is a list or `null`. Throws `invalid_frame` when it is not JSON of that form. */
export function readCompatEvents(
  body: string,
  reading: CompatReading,
): readonly (CompatEvent | CompatProblem)[] {
  const text = firstValue(body)
  return readCompatList(text, { from: 0, to: text.length }, reading)
}

/** The events of a list inside a larger JSON text, which must be valid. Throws `invalid_frame` for no list. */
export function readCompatList(
  text: string,
  list: Span,
  reading: CompatReading,
): readonly (CompatEvent | CompatProblem)[] {
  return [...compatEvents(text, list, reading)]
}

/** As `readCompatList`, one by one, so that a long list can be read with pauses. */
export function* compatEvents(
  text: string,
  list: Span,
  reading: CompatReading,
): Generator<CompatEvent | CompatProblem> {
  if (isNull(text, list)) return
  if (text[list.from] !== '[') throw notJson('must be a list of events')
  for (const element of elementsOf(text, list.from)) yield readEntry(text, element, reading)
}

function readEntry(text: string, entry: Span, reading: CompatReading): CompatEvent | CompatProblem {
  const said: Said = { ...nothing }
  const problem =
    readFields(text, entry, 'an entry', {
      event: (_text, value) => readEvent(text, value, said),
      version: stringField('version', (version) => {
        said.version = version
      }),
    }) ?? problemOf(said, reading)
  const { version } = said
  const event = problem === undefined ? eventOf(said, reading) : { problem }
  if (!('problem' in event)) return { event, version }
  const isShown = idProblem(said.id, reading.limits.idBytes) === undefined
  return { problem: event.problem, id: isShown ? said.id : '', version }
}

interface Said {
  id: string
  type: string
  aggregateId: string
  dataText: string
  metadataText: string
  version: string
}

// What Go's decoder leaves in fields that are missing.
const nothing: Said = {
  id: '',
  type: '',
  aggregateId: '',
  dataText: 'null',
  metadataText: '',
  version: '',
}

function readEvent(text: string, event: Span, said: Said): string | undefined {
  return readFields(text, event, 'event', {
    id: stringField('id', (id) => {
      said.id = id
    }),
    type: stringField('type', (type) => {
      said.type = type
    }),
    aggregate_id: stringField('aggregate_id', (aggregateId) => {
      said.aggregateId = aggregateId
    }),
    data: (_text, { from, to }) => {
      said.dataText = compactJson(text.slice(from, to))
      return undefined
    },
    metadata: (_text, value) => {
      if (!isNull(text, value) && text[value.from] !== '{') return 'metadata must be an object'
      const metadata = compactJson(text.slice(value.from, value.to))
      said.metadataText = metadata === 'null' || metadata === '{}' ? '' : metadata
      return undefined
    },
  })
}

function problemOf(said: Said, { limits, isVersion }: CompatReading): string | undefined {
  for (const [name, value] of [
    ['id', said.id],
    ['type', said.type],
    ['aggregate_id', said.aggregateId],
  ] as const) {
    const problem = value === '' ? 'is missing' : idProblem(value, limits.idBytes)
    if (problem !== undefined) return `${name} ${problem}`
  }
  if (isVersion?.(said.version) === false) return 'version is not a version of this log'
  return undefined
}

function eventOf(said: Said, reading: CompatReading): LogEvent | { readonly problem: string } {
  const header = memberOf(said.metadataText, headerKey)
  if (header !== undefined) {
    const metadataText = withoutMember(said.metadataText, headerKey)
    return restoredEvent({ ...said, metadataText }, header, reading)
  }
  const problem = contentProblem(said, reading.limits)
  if (problem !== undefined) return { problem }
  const { version, ...content } = said
  return foreignEvent(content, reading.runtime)
}

function contentProblem(
  { dataText, metadataText }: Said,
  { eventBytes, jsonDepth }: EventLimits,
): string | undefined {
  if (exceedsBytes(dataText, metadataText, eventBytes))
    return `data and metadata are larger than ${eventBytes} bytes`
  if (scanJson(dataText, jsonDepth) >= 0) return `data is nested more than ${jsonDepth} deep`
  if (metadataText !== '' && scanJson(metadataText, jsonDepth) >= 0)
    return `metadata is nested more than ${jsonDepth} deep`
  return undefined
}
