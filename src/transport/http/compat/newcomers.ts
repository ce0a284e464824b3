import type { Replica } from '../../../contracts/index.ts'
import { type EventId, type LogEvent, sameThroughGo } from '../../../event/index.ts'
import type { CompatContext } from './context.ts'
import { refusal } from './go-answer.ts'
import { pause } from './pause.ts'

/**
 * Of the events of a push, those that are not here yet, or not in these very bytes under this header.
 * Throws a refusal with 409 that names an event whose id is known with other content, here or earlier in
 * the same push, and one with 400 for a parent in another aggregate.
 */
export async function newcomers(
  { log, runtime }: Pick<CompatContext, 'log' | 'runtime'>,
  events: readonly LogEvent[],
  signal: AbortSignal,
): Promise<readonly LogEvent[]> {
  const pushed = new Map<EventId, LogEvent>()
  const news: LogEvent[] = []
  for (let at = 0; at < events.length; at += slice) {
    const some = events.slice(at, at + slice)
    const known = await knownOf(
      log,
      some.map(({ id }) => id),
      signal,
    )
    for (const [index, event] of some.entries()) {
      const other = known.get(event.id) ?? pushed.get(event.id)
      if (other !== undefined && !sameThroughGo(other, event)) throw conflict(at + index, event)
      if (other === undefined || other.hash === event.hash) news.push(event)
      if (!pushed.has(event.id)) pushed.set(event.id, event)
    }
    await pause(runtime)
  }
  for (const [index, event] of events.entries())
    await checkParents(index, event, log, pushed, signal)
  return news
}

async function checkParents(
  index: number,
  { parents, aggregateId }: LogEvent,
  log: Replica<LogEvent>,
  pushed: ReadonlyMap<EventId, LogEvent>,
  signal: AbortSignal,
): Promise<void> {
  if (parents.length === 0) return
  const known = await knownOf(log, parents, signal)
  const isOfAnother = (id: EventId) => {
    const parent = known.get(id) ?? pushed.get(id)
    return parent !== undefined && parent.aggregateId !== aggregateId
  }
  if (parents.some(isOfAnother))
    throw refusal(400, `event ${index}: a parent belongs to another aggregate`, 'invalid_event')
}

async function knownOf(
  log: Replica<LogEvent>,
  ids: readonly EventId[],
  signal: AbortSignal,
): Promise<ReadonlyMap<EventId, LogEvent>> {
  const events = await log.fetch(ids, signal)
  return new Map(events.map((event) => [event.id, event]))
}

function conflict(index: number, { id }: LogEvent): Error {
  const shown = JSON.stringify(id.length > 80 ? `${id.slice(0, 80)}…` : id)
  return refusal(409, `event ${index}: ${shown} is known with other content`, 'id_conflict')
}

// So that a push of small events never brings many large ones into memory at once.
const slice = 32
