import type { LogEvent } from '../event/index.ts'
import type { Position } from '../version/index.ts'
import type { Item } from './item.ts'
import { ownPlace, type Place } from './place.ts'
import type { LogReader } from './reading.ts'
import { compareTexts } from './text-order.ts'

/** One aggregate of the log, up to where the projection has come. */
export interface AggregateLog {
  readonly store: LogReader
  readonly aggregateId: string
  /** Inclusive. */
  readonly until: Position
  readonly signal: AbortSignal
}

/** All its events: whoever asks for conflicts needs them together. */
export async function wholeAggregate(log: AggregateLog): Promise<LogEvent[]> {
  const events: LogEvent[] = []
  for await (const { event } of entriesOf(log, 0n as Position)) events.push(event)
  return events
}

/**
 * Its events that are wanted and stand behind a place in effective order, which has to be that of their own
 * places, in windows of bounded size. The log has them in another order, so a window may need another look
 * at all of it from `since` on.
 */
export async function* windowsOf(
  log: AggregateLog,
  { place, since }: { readonly place: Place; readonly since: Position },
  isWanted: (event: LogEvent) => boolean,
): AsyncGenerator<readonly Item[]> {
  for (let after = place; ; ) {
    const { found, more } = await windowOf(log, after, since, isWanted)
    const last = found.at(-1)
    if (last === undefined) return
    yield withSince(found, more ? since : undefined, log.until)
    if (!more) return
    after = last.place
  }
}

interface Found {
  readonly place: Place
  readonly event: LogEvent
  readonly position: Position
}

async function windowOf(
  log: AggregateLog,
  after: Place,
  since: Position,
  isWanted: (event: LogEvent) => boolean,
): Promise<{ readonly found: readonly Found[]; readonly more: boolean }> {
  let found: Found[] = []
  let more = false
  for await (const { event, position } of entriesOf(log, since)) {
    if (!isWanted(event)) continue
    const place = ownPlace(event)
    if (compareTexts(place, after) > 0) found.push({ place, event, position })
    if (found.length < 2 * windowSize) continue
    found = found.sort(byPlace).slice(0, windowSize)
    more = true
  }
  found.sort(byPlace)
  // What was cut off may stand before what was found since.
  return more ? { found: found.slice(0, windowSize), more } : { found, more }
}

/** From the last to the first: the least position of all that comes after. */
function withSince(
  found: readonly Found[],
  known: Position | undefined,
  until: Position,
): readonly Item[] {
  let least = until
  const items: Item[] = []
  for (const { place, event, position } of found.toReversed()) {
    items.push({ place, event, since: known ?? least })
    if (position <= least) least = (position - 1n) as Position
  }
  return items.reverse()
}

async function* entriesOf({ store, aggregateId, until, signal }: AggregateLog, since: Position) {
  for (let after = since; ; ) {
    const page = await store.entries({ aggregateId, after }, signal)
    for (const entry of page.entries) {
      if (entry.position > until) return
      yield entry
    }
    if (!page.more) return
    after = page.next
  }
}

function byPlace(one: Found, other: Found): number {
  return compareTexts(one.place, other.place)
}

const windowSize = 10_000
