import { z } from 'zod'
import {
  decodeFrames,
  type EventLimits,
  encodeEndLine,
  exceedsBytes,
  foreignPlace,
  LogEvent,
} from '../../../event/index.ts'
import { goJson, scanJson } from '../../../json/index.ts'
import type { Runtime } from '../../../runtime/index.ts'
import { withoutMember } from './member.ts'

/*
 * The header of an event of ours, on its way through a Go server, in `metadata._rejoin`:
 *
 *   {"origin":…,"sequence":"5","stamp":"1759…","parents":[…],"schema":"1","hash":…,
 *    "data":"<exact payload text>","metadata":"<exact metadata text>"}
 *
 * Numbers are strings, because Go rounds numbers to doubles. `origin`, `sequence`, `stamp` and `parents` are
 * absent for an event without causality, whose stamp follows from its content; `parents` also when there
 * are none; `data` and `metadata` when passing through Go leaves their text as it is.
 */

/** The key of the header in an event's metadata. */
export const headerKey = '_rejoin'

/** What came with a header, as Go has left it. */
export interface PassedContent {
  readonly id: string
  readonly type: string
  readonly aggregateId: string
  readonly dataText: string
  /** Without the header; empty for none. */
  readonly metadataText: string
}

/** The very event that was sent, checked as one that comes over the native protocol; or what is wrong. */
export function restoredEvent(
  content: PassedContent,
  headerText: string,
  { limits, runtime }: { readonly limits: EventLimits; readonly runtime: Pick<Runtime, 'sha256'> },
): LogEvent | { readonly problem: string } {
  const header = headerSchema.safeParse(JSON.parse(headerText))
  if (!header.success) return malformed('it is not in the form of a header')
  const dataText = exactText(header.data.data, content.dataText, limits)
  const metadataText = exactText(header.data.metadata, content.metadataText, limits)
  if (dataText === undefined || metadataText === undefined)
    return malformed(`its texts are too large or not JSON of at most ${limits.jsonDepth} levels`)
  if (!isWhatCame(dataText, content.dataText, 'null')) return malformed(itsTexts)
  if (!isWhatCame(withoutMember(metadataText, headerKey), content.metadataText, ''))
    return malformed(itsTexts)
  const lines = framed({ ...content, dataText, metadataText }, header.data)
  const [event] = decodeFrames(`${lines}${encodeEndLine({})}`, limits, runtime).events
  if (event instanceof LogEvent) return event
  return malformed(event?.problem ?? 'it makes no event')
}

/** The header of an event; the exact texts only where they are wanted. */
export function headerOf(
  event: LogEvent,
  exact: { readonly data: boolean; readonly metadata: boolean },
): string {
  const { origin, sequence, stamp, parents, schemaVersion, hash, dataText, metadataText } = event
  return JSON.stringify({
    ...(origin !== null && { origin, sequence: String(sequence), stamp: String(stamp) }),
    ...(parents.length > 0 && { parents }),
    schema: String(schemaVersion),
    hash,
    ...(exact.data && { data: dataText }),
    ...(exact.metadata && { metadata: metadataText }),
  })
}

// A text that did not need to be sent along was one that Go writes: whatever reordered or spaced it since
// (PostgreSQL does), writing it as Go does gives it back.
function exactText(
  given: string | undefined,
  passed: string,
  { eventBytes, jsonDepth }: EventLimits,
): string | undefined {
  const text = given ?? passed
  if (text === '') return given === undefined ? '' : undefined
  // A line feed would end the line that the text is.
  if (text.includes('\n') || !text.isWellFormed()) return undefined
  if (exceedsBytes(text, '', eventBytes) || scanJson(text, jsonDepth) >= 0) return undefined
  return given ?? goJson(passed) ?? passed
}

// Whoever reads the event without its header must have read the same: some servers garble payloads.
function isWhatCame(exact: string, passed: string, instead: string): boolean {
  if (exact === passed) return true
  const said = exact === '' ? '' : (goJson(exact) ?? instead)
  return said === (passed === '' ? '' : (goJson(passed) ?? instead))
}

/** As the native protocol has it, so that it is checked by the same rules, its hash included. */
function framed(content: PassedContent, header: Header): string {
  const { id, type, aggregateId, dataText, metadataText } = content
  const { origin, sequence, parents, schema, hash } = header
  const stamp = header.stamp ?? String(foreignPlace(content).stamp)
  const place = { id, origin, sequence, stamp, parents, aggregate: aggregateId, type }
  const line = JSON.stringify({ ...place, schema: Number(schema), hash }).slice(0, -1)
  const metadata = metadataText === '' ? '' : `,"metadata":${metadataText}`
  return `${line}${metadata}}\n${dataText}\n`
}

const headerSchema = z
  .strictObject({
    origin: z.string().optional(),
    sequence: z.string().optional(),
    stamp: z.string().optional(),
    parents: z.array(z.string()).optional(),
    schema: z.string().regex(/^[1-9][0-9]{0,9}$/),
    hash: z.string(),
    data: z.string().optional(),
    metadata: z.string().optional(),
  })
  .refine(({ origin, stamp }) => (origin === undefined) === (stamp === undefined))

type Header = z.output<typeof headerSchema>

function malformed(what: string): { readonly problem: string } {
  return { problem: `metadata.${headerKey} is malformed: ${what}` }
}

const itsTexts = 'its texts do not say what came with them'
