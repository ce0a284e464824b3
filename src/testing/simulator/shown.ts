import { type Filter, LogEvent, stubOf } from '../../event/index.ts'
import { tenantOf } from './filters.ts'
import type { Snapshot } from './snapshot.ts'

/** Which events of a log a filter shows, as stubs where it keeps content back. Written without the log's own code. */
export function shownBy(
  filter: Filter | undefined,
  events: readonly LogEvent[],
): readonly LogEvent[] {
  if (filter === undefined) return events
  const { tenant } = filter
  const owned = new Set(
    events.filter((one) => tenantIn(one) === tenant).map((one) => one.aggregateId),
  )
  return events
    .filter(({ aggregateId }) => filter.aggregate?.(aggregateId) ?? true)
    .filter(({ aggregateId }) => tenant === undefined || owned.has(aggregateId))
    .map((event) => filter.withhold(event))
}

/** At rest: what one end of a link has and its filter shows, the other end has as well. */
export function unsentProblem(
  filter: Filter | undefined,
  from: Snapshot,
  to: Snapshot,
): string | undefined {
  for (const event of shownBy(filter, [...from.events.values()])) {
    const twin = to.events.get(event.id)
    if (twin === undefined) return `${from.node} shows ${event.id}, ${to.node} has not got it`
    const isErased = [event.stub, twin.stub].includes('erased')
    if (isErased && event.stub !== twin.stub) return `${event.id} is erased at one end only`
    if (event.stub === null && twin.stub !== null)
      return `${from.node} shows the content of ${event.id}, ${to.node} has only a stub`
    if (event.hash !== twin.hash) return `${event.id} differs at ${from.node} and ${to.node}`
  }
  return undefined
}

/** What a node has that is not its own, and that no filter of its links has ever shown. */
export function leakProblem(
  { node, events }: Snapshot,
  filters: readonly (Filter | undefined)[],
): string | undefined {
  const isOwn = ({ origin }: LogEvent) => origin?.startsWith(`${node}~`) ?? false
  const own = new Set([...events.values()].filter(isOwn).map((event) => event.aggregateId))
  for (const event of events.values()) {
    const { aggregateId } = event
    const isShown = (filter: Filter | undefined) =>
      filter === undefined ||
      ((filter.aggregate?.(aggregateId) ?? true) &&
        (filter.tenant === undefined || filter.tenant === tenantOf(aggregateId)))
    const shown = filters.filter(isShown)
    if (shown.length === 0 && !own.has(aggregateId)) return `${event.id} was never selected`
    if (event.stub !== null || isOwn(event)) continue
    const isSeen = (filter: Filter | undefined) =>
      filter === undefined || filter.withhold(event) === event
    if (!shown.some(isSeen)) return `the content of ${event.id} was never selected`
  }
  return undefined
}

/** How an event looks where its content is not. */
export function headerOf(event: LogEvent): LogEvent {
  return event.stub === null ? stubOf(event) : event
}

/** What is the same of an event wherever it is, whatever is left of it. */
export function placeOf(event: LogEvent): LogEvent {
  const nothing = { type: '', hash: '', metadataText: '', dataText: '' } as const
  return new LogEvent({ ...event, ...nothing, stub: 'erased' })
}

function tenantIn({ stub, metadata }: LogEvent): unknown {
  return stub === 'withheld' ? undefined : metadata.tenant
}
