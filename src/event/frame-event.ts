import { scanJson } from '../json/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { contentHash } from './content-hash.ts'
import { type FrameHeader, type FrameProblem, readHeader } from './frame-header.ts'
import { type PageWords, parseLine } from './frame-line.ts'
import type { FrameLines } from './frame-page.ts'
import { readPlainHeader } from './frame-plain.ts'
import type { EventLimits } from './limits.ts'
import { LogEvent } from './log-event.ts'
import { exceedsBytes } from './utf8.ts'

/** One event, or what is wrong with it. Throws `invalid_frame` for a header that is not JSON. */
export function decodeEvent(
  lines: FrameLines,
  index: number,
  limits: EventLimits,
  runtime: Pick<Runtime, 'sha256'>,
): LogEvent | FrameProblem {
  const line = lines.text.slice(lines.at, lines.headerEnd)
  const header =
    readPlainHeader(line, limits) ?? readHeader(parseLine(line, index, eventWords), line, limits)
  if ('problem' in header) return header
  const dataText = lines.text.slice(lines.headerEnd + 1, lines.dataEnd)
  const problem =
    header.stub === null
      ? (sizeProblem(header, dataText, limits) ??
        jsonProblem(lines, limits) ??
        hashProblem(header, dataText, runtime))
      : stubProblem(dataText)
  return problem === undefined ? new LogEvent({ ...header, dataText }) : { problem, id: header.id }
}

function sizeProblem(
  { metadataText }: FrameHeader,
  dataText: string,
  { eventBytes }: EventLimits,
): string | undefined {
  if (!exceedsBytes(dataText, metadataText, eventBytes)) return undefined
  return `payload and metadata are larger than ${eventBytes} bytes`
}

function jsonProblem(
  { text, headerEnd, dataEnd }: FrameLines,
  { jsonDepth }: EventLimits,
): string | undefined {
  const from = headerEnd + 1
  const at = scanJson(text, jsonDepth, from, dataEnd)
  if (at < 0) return undefined
  return `payload is not JSON of at most ${jsonDepth} levels, at character ${at - from}`
}

function hashProblem(
  header: FrameHeader,
  dataText: string,
  runtime: Pick<Runtime, 'sha256'>,
): string | undefined {
  const { id, type, aggregateId, schemaVersion, metadataText, hash } = header
  const content = { id, type, aggregateId, schemaVersion, metadataText, dataText }
  return contentHash(content, runtime) === hash ? undefined : 'the content does not match its hash'
}

function stubProblem(dataText: string): string | undefined {
  return dataText === '' ? undefined : 'a stub has no content'
}

export const eventWords: PageWords = { plural: 'events', component: 'event' }
