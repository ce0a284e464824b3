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
  if (typeof event !== 'object' || event === null) refuse(index, 'event', 'must be an object')
  const givenId = event.id !== undefined
  const { id = freshId(), type, aggregateId, schemaVersion = 1 } = event
  if (givenId) checkName(index, 'id', id, limits)
  checkName(index, 'type', type, limits)
  checkName(index, 'aggregateId', aggregateId, limits)
  if (!Number.isSafeInteger(schemaVersion) || schemaVersion < 1 || schemaVersion > 0x7fffffff)
    refuse(index, 'schemaVersion', 'must be a whole number from 1 to 2147483647')
  const metadataText = metadataTextOf(event.metadata, index, limits)
  const dataText = dataTextOf(event, index, limits)
  if (exceedsBytes(dataText, metadataText, limits.eventBytes))
    refuse(index, 'data', `and metadata are larger than ${limits.eventBytes} bytes`)
  const content = { id: id as EventId, type, aggregateId, schemaVersion, metadataText, dataText }
  return { ...content, givenId, hash: contentHash(content, runtime) }
}

function checkName(index: number, field: string, text: string, limits: EventLimits): void {
  const problem = idProblem(text, limits.idBytes)
  if (problem !== undefined) refuse(index, field, problem)
}

function dataTextOf({ data, dataText }: NewEvent, index: number, limits: EventLimits): string {
  if (dataText === undefined) return jsonOf(data ?? null, 'data', index, limits)
  if (data !== undefined) refuse(index, 'data', 'and dataText exclude each other')
  if (typeof dataText !== 'string') refuse(index, 'dataText', 'must be a string')
  if (!dataText.isWellFormed())
    refuse(index, 'dataText', 'has a lone surrogate, which no UTF-8 can carry')
  checkJson(dataText, 'dataText', index, limits)
  return compactJson(dataText)
}

function metadataTextOf(
  metadata: NewEvent['metadata'],
  index: number,
  limits: EventLimits,
): string {
  if (metadata === undefined || metadata === null) return ''
  const text = jsonOf(metadata, 'metadata', index, limits)
  if (!text.startsWith('{')) refuse(index, 'metadata', 'must be an object')
  return text === '{}' ? '' : text
}

function jsonOf(value: unknown, field: string, index: number, limits: EventLimits): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    refuse(index, field, `can't be written as JSON: ${(cause as Error).message}`, cause)
  }
  if (text === undefined) refuse(index, field, 'has no JSON form')
  // It is JSON; a text this short can't be too deep, because each level takes two characters.
  if (text.length > 2 * limits.jsonDepth) checkJson(text, field, index, limits)
  return text
}

function checkJson(text: string, field: string, index: number, { jsonDepth }: EventLimits): void {
  const at = scanJson(text, jsonDepth)
  if (at >= 0)
    refuse(index, field, `is not JSON of at most ${jsonDepth} levels, at character ${at}`)
}

function refuse(index: number, field: string, problem: string, cause?: unknown): never {
  throw new RejoinError('invalid_event', `event ${index}: ${field} ${problem}`, {
    operation: 'append',
    component: 'event',
    details: { index, field },
    cause,
  })
}
