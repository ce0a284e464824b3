import { RejoinError } from '../errors/index.ts'
import { compactJson, scanJson } from '../json/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { type ContentHash, contentHash } from './content-hash.ts'
import { type EventId, idProblem } from './ids.ts'
import type { EventLimits } from './limits.ts'
import { exceedsBytes } from './utf8.ts'

/** What an application appends. Give `data`, or `dataText` when the exact JSON text matters. */
export interface NewEvent<Type extends string = string, Data = unknown> {
  /** Any text within the limits, to make a repeated append harmless. Default: a fresh UUIDv7. */
  readonly id?: string
  readonly type: Type
  readonly aggregateId: string
  readonly data?: Data
  /** JSON; white space between tokens is taken out, everything else stays as it is. */
  readonly dataText?: string
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Default 1. */
  readonly schemaVersion?: number
}

/** A new event, checked and hashed: all it lacks is its place in history. */
export interface Draft {
  readonly id: EventId
  /** The id was given, so it may be known already. */
  readonly givenId: boolean
  readonly type: string
  readonly aggregateId: string
  readonly schemaVersion: number
  readonly metadataText: string
  readonly dataText: string
  readonly hash: ContentHash
}

/** Checks one new event; throws `invalid_event` naming the field and, by `index`, the event. */
export function draftOf(
  event: NewEvent,
  index: number,
  limits: EventLimits,
  runtime: Pick<Runtime, 'sha256'>,
  freshId: () => string,
): Draft {
  const refuse = (field: string, problem: string, cause?: unknown): never => {
    throw new RejoinError('invalid_event', `event ${index}: ${field} ${problem}`, {
      operation: 'append',
      component: 'event',
      details: { index, field },
      cause,
    })
  }
  const given = event.id !== undefined
  const id = event.id ?? freshId()
  const { type, aggregateId, schemaVersion = 1 } = event
  for (const [field, text] of [
    ['id', id],
    ['type', type],
    ['aggregateId', aggregateId],
  ] as const) {
    const problem = idProblem(text, limits.idBytes)
    if (problem !== undefined) refuse(field, problem)
  }
  if (!Number.isSafeInteger(schemaVersion) || schemaVersion < 1 || schemaVersion > 0x7fffffff)
    refuse('schemaVersion', 'must be a whole number from 1 to 2147483647')

  let dataText: string
  if (event.dataText === undefined) dataText = textOf('data', event.data ?? null)
  else if (event.data !== undefined) return refuse('data', 'and dataText exclude each other')
  else dataText = given1Line('dataText', event.dataText)
  const metadataText = metadataTextOf(event.metadata)
  if (exceedsBytes(dataText, limits.eventBytes - metadataText.length * 3) &&
      exceedsBytes(dataText + metadataText, limits.eventBytes))
    refuse('data', `and metadata are larger than ${limits.eventBytes} bytes`)
  if (event.data !== undefined && dataText.length > limits.jsonDepth) checkDepth('data', dataText)

  const content = { id: id as EventId, type, aggregateId, schemaVersion, metadataText, dataText }
  return { ...content, givenId: given, hash: contentHash(content, runtime) }

  function textOf(field: string, value: unknown): string {
    try {
      const text = JSON.stringify(value) as string | undefined
      return text ?? refuse(field, 'has no JSON form')
    } catch (cause) {
      if (cause instanceof RejoinError) throw cause
      return refuse(field, `can't be written as JSON: ${(cause as Error).message}`, cause)
    }
  }

  function given1Line(field: string, text: string): string {
    if (!text.isWellFormed()) refuse(field, 'has a lone surrogate, which no UTF-8 can carry')
    checkDepth(field, text)
    return compactJson(text)
  }

  function checkDepth(field: string, text: string): void {
    const at = scanJson(text, limits.jsonDepth)
    if (at >= 0) refuse(field, `is not JSON of at most ${limits.jsonDepth} levels, at character ${at}`)
  }

  function metadataTextOf(metadata: NewEvent['metadata']): string {
    if (metadata === undefined || metadata === null) return ''
    if (typeof metadata !== 'object' || Array.isArray(metadata)) refuse('metadata', 'must be an object')
    const text = textOf('metadata', metadata)
    if (!text.startsWith('{')) refuse('metadata', 'must be an object')
    if (text.length > limits.jsonDepth) checkDepth('metadata', text)
    return text === '{}' ? '' : text
  }
}
