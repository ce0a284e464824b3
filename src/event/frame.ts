import { latestUsableStamp, type Stamp } from '../clock/index.ts'
import { RejoinError } from '../errors/index.ts'
import { scanJson } from '../json/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { type ContentHash, contentHash } from './content-hash.ts'
import { type EventId, idProblem, type Origin, parseOrigin } from './ids.ts'
import type { EventLimits } from './limits.ts'
import { LogEvent, type StubReason, stubReasons } from './log-event.ts'
import { exceedsBytes } from './utf8.ts'

/*
 * The native frame: UTF-8 lines.
 *
 *   {"id":…,"origin":…,"sequence":"…","stamp":"…","parents":[…],"aggregate":…,"type":…,"schema":1,"hash":…,"metadata":{…}}
 *   <payload: JSON on one line, exactly as written>
 *   …
 *   {"end":{…}}            closes the page: what is cut short is noticed, and says where to go on
 *
 * A header's keys stand in this order; `origin`, `sequence` and `parents` are absent when there are none,
 * `metadata` when it is empty and otherwise last, so that its exact text can be cut out. A stub has
 * `"stub":reason` in place of `type` and an empty payload line.
 */

export function encodeFrame(event: LogEvent): string {
  let header = `{"id":${quote(event.id)}`
  if (event.origin !== null) header += `,"origin":"${event.origin}","sequence":"${event.sequence}"`
  header += `,"stamp":"${event.stamp}"`
  if (event.parents.length > 0) header += `,"parents":[${event.parents.map(quote).join(',')}]`
  header += `,"aggregate":${quote(event.aggregateId)}`
  header += event.stub === null ? `,"type":${quote(event.type)}` : `,"stub":"${event.stub}"`
  header += `,"schema":${event.schemaVersion}`
  if (event.hash !== '') header += `,"hash":"${event.hash}"`
  if (event.metadataText !== '') header += `,"metadata":${event.metadataText}`
  return `${header}}\n${event.dataText}\n`
}

/** The line that closes a page. */
export function encodeEndLine(end: object): string {
  return `${JSON.stringify({ end })}\n`
}

/** A page's events, in order, and what its end line says. Events that break a rule are told apart by index. */
export interface DecodedFrames {
  readonly events: readonly (LogEvent | FrameProblem)[]
  readonly end: unknown
}

/** An event that can be told from its neighbours but not accepted. */
export interface FrameProblem {
  readonly problem: string
  readonly id: string
}

/**
 * Reads a page. Throws `invalid_frame` when the page itself is broken (no end line, a header that is not
 * JSON); an event that only breaks a rule becomes a `FrameProblem`, so that its neighbours survive it.
 */
export function decodeFrames(
  text: string,
  limits: EventLimits,
  runtime: Pick<Runtime, 'sha256'>,
): DecodedFrames {
  const events: (LogEvent | FrameProblem)[] = []
  let at = 0
  while (at < text.length) {
    const headerEnd = text.indexOf('\n', at)
    if (headerEnd < 0) throw broken('the last line is cut short', events.length)
    const header = text.slice(at, headerEnd)
    if (header.startsWith('{"end":')) {
      if (headerEnd + 1 !== text.length) throw broken('something follows the end line', events.length)
      return { events, end: (parseObject(header, events.length) as { end: unknown }).end }
    }
    const payloadEnd = text.indexOf('\n', headerEnd + 1)
    if (payloadEnd < 0) throw broken('a payload line is missing', events.length)
    events.push(decodeEvent(header, text.slice(headerEnd + 1, payloadEnd), limits, runtime, events.length))
    at = payloadEnd + 1
  }
  throw broken('the end line is missing', events.length)
}

function decodeEvent(
  headerLine: string,
  dataText: string,
  limits: EventLimits,
  runtime: Pick<Runtime, 'sha256'>,
  index: number,
): LogEvent | FrameProblem {
  const header = parseObject(headerLine, index) as WireHeader
  const id = typeof header.id === 'string' ? header.id : ''
  const metadataText = metadataTextOf(headerLine, header)
  const problem =
    headerProblem(header, limits) ??
    contentProblem(header, metadataText, dataText, limits)
  if (problem !== undefined) return { problem, id }
  const type = header.type ?? ''
  const content = { id, type, aggregateId: header.aggregate, schemaVersion: header.schema, metadataText, dataText }
  if (header.stub === undefined && contentHash(content, runtime) !== header.hash)
    return { problem: 'the content does not match its hash', id }
  return new LogEvent({
    id: id as EventId,
    origin: (header.origin ?? null) as Origin | null,
    sequence: header.sequence === undefined ? 0n : BigInt(header.sequence),
    stamp: BigInt(header.stamp) as Stamp,
    parents: (header.parents ?? noParents) as readonly EventId[],
    aggregateId: header.aggregate,
    type,
    schemaVersion: header.schema,
    hash: (header.hash ?? '') as ContentHash | '',
    metadataText,
    dataText,
    stub: header.stub ?? null,
  })
}

/** A header as it should be; `headerProblem` says whether it is. */
interface WireHeader {
  readonly id: string
  readonly origin?: string
  readonly sequence?: string
  readonly stamp: string
  readonly parents?: readonly string[]
  readonly aggregate: string
  readonly type?: string
  readonly stub?: StubReason
  readonly schema: number
  readonly hash?: string
  readonly metadata?: object
}

function headerProblem(header: WireHeader, limits: EventLimits): string | undefined {
  const { id, origin, sequence, stamp, parents, aggregate, type, stub, schema, hash } = header
  const badId = idProblem(id, limits.idBytes)
  if (badId !== undefined) return `id ${badId}`
  const badAggregate = idProblem(aggregate, limits.idBytes)
  if (badAggregate !== undefined) return `aggregate ${badAggregate}`
  if (typeof stamp !== 'string' || !decimal.test(stamp)) return 'stamp must be a decimal string'
  if (stamp.length > 18 && BigInt(stamp) > latestUsableStamp) return 'stamp lies beyond the year 2200'
  if (!Number.isSafeInteger(schema) || schema < 1 || schema > 0x7fffffff)
    return 'schema must be a whole number from 1 to 2147483647'
  if (stub === undefined) {
    const badType = idProblem(type, limits.idBytes)
    if (badType !== undefined) return `type ${badType}`
  } else if (!stubReasons.includes(stub)) return 'stub has an unknown reason'
  else if (type !== undefined) return 'a stub has no type'
  if (hash === undefined ? stub === undefined || stub === 'withheld' : !isHash(hash))
    return 'hash must be 43 characters of base64url'
  return causalityProblem(origin, sequence, parents, id, limits)
}

function causalityProblem(
  origin: unknown,
  sequence: unknown,
  parents: unknown,
  id: string,
  limits: EventLimits,
): string | undefined {
  if (origin === undefined) {
    return sequence === undefined && parents === undefined
      ? undefined
      : 'without an origin there is neither sequence nor parents'
  }
  if (typeof origin !== 'string' || parseOrigin(origin) === undefined) return 'origin is malformed'
  if (typeof sequence !== 'string' || !positiveInt64(sequence)) return 'sequence must be a positive decimal string'
  if (parents === undefined) return undefined
  if (!Array.isArray(parents) || parents.length === 0) return 'parents must be a list of ids'
  for (const parent of parents) {
    const bad = idProblem(parent, limits.idBytes)
    if (bad !== undefined) return `a parent ${bad}`
    if (parent === id) return 'an event is not its own parent'
  }
  return parents.length > 1 && new Set(parents).size < parents.length ? 'a parent is named twice' : undefined
}

function contentProblem(
  header: WireHeader,
  metadataText: string,
  dataText: string,
  limits: EventLimits,
): string | undefined {
  if (header.stub !== undefined) {
    return dataText === '' && metadataText === '' ? undefined : 'a stub has no content'
  }
  if (exceedsBytes(dataText, limits.eventBytes) || exceedsBytes(dataText + metadataText, limits.eventBytes))
    return `payload and metadata are larger than ${limits.eventBytes} bytes`
  if (header.metadata !== undefined) {
    if (!metadataText.startsWith('{') || scanJson(metadataText, limits.jsonDepth) >= 0)
      return `metadata must be an object of at most ${limits.jsonDepth} levels and the last key`
    if (metadataText === '{}') return 'empty metadata is left out'
  }
  const at = scanJson(dataText, limits.jsonDepth)
  return at < 0 ? undefined : `payload is not JSON of at most ${limits.jsonDepth} levels, at character ${at}`
}

// In a string every quote is escaped, so this finds the key itself, never text that looks like it.
function metadataTextOf(headerLine: string, header: WireHeader): string {
  if (header.metadata === undefined) return ''
  const at = headerLine.indexOf(metadataKey)
  return at < 0 ? '' : headerLine.slice(at + metadataKey.length, -1)
}

function parseObject(line: string, index: number): object {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch (cause) {
    throw broken('a header is not JSON', index, cause)
  }
  throw broken('a header is not an object', index)
}

function broken(what: string, index: number, cause?: unknown): RejoinError {
  return new RejoinError('invalid_frame', `after ${index} events: ${what}`, {
    operation: 'decode',
    component: 'event',
    details: { index },
    cause,
  })
}

function positiveInt64(text: string): boolean {
  return decimal.test(text) && text !== '0' && (text.length < 19 || BigInt(text) < 2n ** 63n)
}

function isHash(text: unknown): boolean {
  return typeof text === 'string' && hashForm.test(text)
}

const quote = (text: string): string => JSON.stringify(text)
const decimal = /^(0|[1-9][0-9]{0,18})$/
const hashForm = /^[A-Za-z0-9_-]{43}$/
const metadataKey = ',"metadata":'
const noParents: readonly string[] = []
