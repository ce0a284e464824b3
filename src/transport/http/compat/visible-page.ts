import type { Entry } from '../../../contracts/index.ts'
import type { LogEvent } from '../../../event/index.ts'
import { utf8Length } from '../../../event/utf8.ts'
import type { Position } from '../../../version/index.ts'
import type { CompatContext } from './context.ts'
import { pause } from './pause.ts'
import { encodeCompat, hasCompatForm } from './write-event.ts'

/** Which events a client wants. */
export interface Wanted {
  readonly after: Position
  /** The most events of a page; without it as many as fit. */
  readonly count?: number
  readonly type?: string
  readonly aggregateId?: string
  /** What stands in `metadata.tenant`. */
  readonly tenant?: string
}

/** Events as the members of a JSON list, and the position of the last. */
export interface VisiblePage {
  readonly list: string
  /** Absent when there are none. */
  readonly last?: Position
  /** How far was looked. */
  readonly scanned: Position
  /** There may be more behind that. */
  readonly more: boolean
}

/**
 * The events after a position, in the log's order, as far as they fit into an answer that every Go client
 * can read. What has no form there (see `hasCompatForm`) is left out. Goes on until one event is found, so
 * that an empty page is the end.
 */
export function visiblePage(
  context: CompatContext,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<VisiblePage> {
  return context.turns.during(signal, () => readPage(context, wanted, signal))
}

async function readPage(
  { log, versions, runtime }: CompatContext,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<VisiblePage> {
  const { count = Number.POSITIVE_INFINITY, aggregateId } = wanted
  const range = {
    count: stretch,
    bytes: stretchBytes,
    // Go's stores refuse a page with an id that they know.
    placed: 'first' as const,
    ...(aggregateId !== undefined && { aggregateId }),
  }
  const parts: string[] = []
  let bytes = listBytes
  let last: Position | undefined
  let { after } = wanted
  for (;;) {
    const page = await log.entries({ ...range, after }, signal)
    for (const entry of page.entries) {
      if (!isWanted(entry, wanted)) continue
      const text = encodeCompat(entry.event, versions.format(entry.position))
      bytes += utf8Length(text) + 1
      if (last !== undefined && bytes > mostBytes) return pageOf(parts, last, last, true)
      parts.push(text)
      last = entry.position
      if (parts.length >= count) return pageOf(parts, last, last, true)
    }
    if (!page.more) return pageOf(parts, last, page.next, false)
    after = page.next
    await pause(runtime)
  }
}

function isWanted({ event }: Entry, { type, tenant }: Wanted): boolean {
  if (type !== undefined && event.type !== type) return false
  return hasCompatForm(event) && (tenant === undefined || tenantOf(event) === tenant)
}

function tenantOf({ metadata }: LogEvent): unknown {
  return Object.hasOwn(metadata, 'tenant') ? metadata.tenant : undefined
}

function pageOf(
  parts: readonly string[],
  last: Position | undefined,
  scanned: Position,
  more: boolean,
): VisiblePage {
  return { list: parts.join(','), ...(last !== undefined && { last }), scanned, more }
}

// Go's client reads 10 MiB; the first event of a page always comes, and is never that large.
const mostBytes = 8 * 1024 * 1024 - 1
/** Room for what stands around the list. */
const listBytes = 200
const stretch = 1_000
const stretchBytes = 1024 * 1024
