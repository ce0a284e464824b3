import { latestUsableStamp, type Stamp } from '../clock/index.ts'
import { scanJson } from '../json/index.ts'
import type { ContentHash } from './content-hash.ts'
import { hasRepeatedKey } from './frame-line.ts'
import { type EventId, idProblem, type Origin, parseOrigin } from './ids.ts'
import type { EventLimits } from './limits.ts'
import { type LogEventInit, type StubReason, stubReasons } from './log-event.ts'

/** An event without its payload. */
export type FrameHeader = Omit<LogEventInit, 'dataText'>

/** An event that can be told from its neighbours but not accepted. */
export interface FrameProblem {
  readonly problem: string
  /** Empty when it is the id that is wrong. */
  readonly id: string
}

/** Checks a header; `line` is the text it was parsed from. */
export function readHeader(
  parsed: object,
  line: string,
  limits: EventLimits,
): FrameHeader | FrameProblem {
  const header = parsed as WireHeader
  const metadataText = metadataTextOf(header, line)
  const problem =
    keyProblem(header, line) ??
    placeProblem(header, limits) ??
    kindProblem(header, limits) ??
    (header.origin === undefined ? strangerProblem(header) : causalityProblem(header, limits)) ??
    metadataProblem(header, metadataText, limits)
  if (problem !== undefined) return { problem, id: shownId(header.id, limits) }
  return {
    id: header.id as EventId,
    origin: (header.origin ?? null) as Origin | null,
    sequence: header.sequence === undefined ? 0n : BigInt(header.sequence),
    stamp: BigInt(header.stamp) as Stamp,
    parents: (header.parents ?? []) as readonly EventId[],
    aggregateId: header.aggregate,
    type: header.type ?? '',
    schemaVersion: header.schema,
    hash: (header.hash ?? '') as ContentHash | '',
    metadataText,
    stub: header.stub ?? null,
  }
}

/** A header as it should be; nothing has been checked yet. */
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

// What we would skip would be neither hashed nor stored, so the next node would not get it.
function keyProblem(header: WireHeader, line: string): string | undefined {
  const unknown = Object.keys(header).find((key) => !keys.has(key))
  if (unknown !== undefined)
    return `unknown key ${JSON.stringify(unknown.slice(0, 64))} in the header`
  return hasRepeatedKey(line, header) ? 'a key stands twice in the header' : undefined
}

function placeProblem(header: WireHeader, { idBytes }: EventLimits): string | undefined {
  const { id, aggregate, stamp } = header
  const badId = idProblem(id, idBytes)
  if (badId !== undefined) return `id ${badId}`
  const badAggregate = idProblem(aggregate, idBytes)
  if (badAggregate !== undefined) return `aggregate ${badAggregate}`
  if (typeof stamp !== 'string' || !decimal.test(stamp)) return 'stamp must be a decimal string'
  if (stamp.length === latest.length && stamp > latest) return 'stamp lies beyond the year 2200'
  return undefined
}

/** A full event has type and hash; a stub no type, and a hash only when it is withheld. */
function kindProblem(header: WireHeader, { idBytes }: EventLimits): string | undefined {
  const { type, stub, schema, hash } = header
  if (stub === undefined) {
    const badType = idProblem(type, idBytes)
    if (badType !== undefined) return `type ${badType}`
  } else if (!stubReasons.includes(stub)) return 'stub has an unknown reason'
  else if (type !== undefined) return 'a stub has no type'
  if (!Number.isSafeInteger(schema) || schema < 1 || schema > 0x7fffffff)
    return 'schema must be a whole number from 1 to 2147483647'
  if (hash === undefined ? stub === undefined || stub === 'withheld' : !isHash(hash))
    return 'hash must be 43 characters of base64url'
  if (hash !== undefined && isGone(stub)) return `what is ${stub} has no hash`
  return undefined
}

function strangerProblem({ sequence, parents }: WireHeader): string | undefined {
  if (sequence === undefined && parents === undefined) return undefined
  return 'without an origin there is neither sequence nor parents'
}

function causalityProblem(header: WireHeader, { idBytes }: EventLimits): string | undefined {
  const { id, origin, sequence, parents } = header
  if (typeof origin !== 'string' || parseOrigin(origin) === undefined) return 'origin is malformed'
  if (typeof sequence !== 'string' || !isPositiveInt64(sequence))
    return 'sequence must be a positive decimal string'
  if (parents === undefined) return undefined
  if (!Array.isArray(parents) || parents.length === 0) return 'parents must be a list of ids'
  for (const parent of parents) {
    const bad = idProblem(parent, idBytes)
    if (bad !== undefined) return `a parent ${bad}`
    if (parent === id) return 'an event is not its own parent'
  }
  const repeats = parents.length > 1 && new Set(parents).size < parents.length
  return repeats ? 'a parent is named twice' : undefined
}

// In a string every quote is escaped, so this finds the key itself, never text that looks like it. When
// it is not the header's last key, or another value's key, what follows is not one JSON object.
function metadataTextOf({ metadata }: WireHeader, line: string): string {
  if (metadata === undefined) return ''
  const at = line.indexOf(metadataKey)
  return at < 0 ? '' : line.slice(at + metadataKey.length, -1)
}

function metadataProblem(
  { metadata, stub }: WireHeader,
  text: string,
  { jsonDepth }: EventLimits,
): string | undefined {
  if (metadata === undefined) return undefined
  if (isGone(stub) && isTenantAlone(metadata, text)) return undefined
  if (stub !== undefined) return 'a stub has no content'
  if (!text.startsWith('{') || !text.endsWith('}') || scanJson(text, jsonDepth) >= 0)
    return `metadata must be an object of at most ${jsonDepth} levels and the last key`
  return Object.keys(metadata).length === 0 ? 'empty metadata is left out' : undefined
}

function isGone(stub: StubReason | undefined): boolean {
  return stub === 'erased' || stub === 'compacted'
}

/** In the one form that it has everywhere. */
function isTenantAlone(metadata: unknown, text: string): boolean {
  const { tenant } = (metadata ?? {}) as { readonly tenant?: unknown }
  return typeof tenant === 'string' && text === JSON.stringify({ tenant })
}

function shownId(id: unknown, { idBytes }: EventLimits): string {
  return typeof id === 'string' && idProblem(id, idBytes) === undefined ? id : ''
}

function isPositiveInt64(text: string): boolean {
  return decimal.test(text) && text !== '0' && (text.length < maxInt64.length || text <= maxInt64)
}

function isHash(text: unknown): boolean {
  return typeof text === 'string' && hashForm.test(text)
}

const keys: ReadonlySet<string> = new Set<keyof WireHeader>([
  'id',
  'origin',
  'sequence',
  'stamp',
  'parents',
  'aggregate',
  'type',
  'stub',
  'schema',
  'hash',
  'metadata',
])
const metadataKey = ',"metadata":'
const decimal = /^(0|[1-9][0-9]{0,18})$/
const hashForm = /^[A-Za-z0-9_-]{43}$/
// Decimals of one length compare as their digits do.
const latest = String(latestUsableStamp)
const maxInt64 = String(2n ** 63n - 1n)
