import type { LogEvent } from '../../event/index.ts'
import { comparePlaces } from './place.ts'

/**
 * Each event once. Of several under one id the one that says most is taken: content over a stub, causality
 * over none; what is left is settled by their places, so that the answer never depends on who came first.
 */
export function distinct(events: readonly LogEvent[]): LogEvent[] {
  const best = new Map<string, LogEvent>()
  for (const event of events) {
    const known = best.get(event.id)
    if (known === undefined || saysMore(event, known)) best.set(event.id, event)
  }
  return [...best.values()]
}

function saysMore(event: LogEvent, known: LogEvent): boolean {
  if (event === known) return false
  if ((event.stub === null) !== (known.stub === null)) return event.stub === null
  if ((event.origin === null) !== (known.origin === null)) return event.origin !== null
  const order = comparePlaces(event, known) || compare(textOf(event), textOf(known))
  return order > 0
}

/** Only for headers that clash, so it may be slow. */
function textOf({ sequence, parents, stub, hash, type, dataText, metadataText }: LogEvent): string {
  return JSON.stringify([`${sequence}`, parents, stub, hash, type, dataText, metadataText])
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
