import { aFunction, fields, unwanted, type Where } from '../../errors/check.ts'
import { RejoinError } from '../../errors/index.ts'
import { parseLossless, scanJson, stringifyLossless } from '../../json/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { idProblem } from '../ids.ts'
import { LogEvent } from '../log-event.ts'
import { type CheckedFields, checkedFields } from './check-filter.ts'
import { metadataMatcher } from './condition.ts'
import type { EventFilter, FilterPredicate } from './event-filter.ts'

/** A filter that has been checked, as links, logs and transports work with it. */
export interface Filter<C = LogEvent> {
  /** A hash of `text`, short enough for a cursor. Another filter, another fingerprint. */
  readonly fingerprint: string
  /** What travels: JSON, the same for all filters that say the same. */
  readonly text: string
  /** The filter that the other end holds to. Another one: what it sends is withheld here, on arrival. */
  readonly there: Filter<C>
  /** Absent: every aggregate. */
  readonly aggregate?: (id: string) => boolean
  /** Absent: every tenant's aggregates. */
  readonly tenant?: string
  /** The change as it may be seen: itself, or a stub. */
  withhold(change: C): C
}

/**
 * Checks a filter. Throws `invalid_argument`, naming the field, for one that makes no sense.
 */
export function filterOf<Event extends LogEvent>(
  given: EventFilter<Event>,
  runtime: Pick<Runtime, 'sha256'>,
  where: Where,
): Filter {
  const filter: object = fields('filter', given, where)
  if (!('matches' in filter) && !('key' in filter)) return declared(filter, runtime, where)
  const { key, matches } = checkedPredicate(filter as FilterPredicate, where)
  const there = labelled(key, runtime)
  // Bound: a predicate may be a method.
  return { ...there, there, withhold: withholder(asked(key, matches.bind(given))) }
}

/** Reads a filter's text, from elsewhere. Throws as `filterOf` does. */
export function filterFrom(text: string, runtime: Pick<Runtime, 'sha256'>, where: Where): Filter {
  if (text.length > longestFilter || scanJson(text, deepestFilter) >= 0)
    throw unwanted('filter', text, `JSON of at most ${longestFilter} characters`, where)
  const given = parseLossless(text)
  const { key, ...others } = fields('filter', given as { readonly key?: unknown }, where)
  if (key === undefined || Object.keys(others).length > 0)
    return declared(given as object, runtime, where)
  return labelled(checkedKey(key, where), runtime)
}

/** The place of an event whose content stays where it is. */
export function stubOf(event: LogEvent): LogEvent {
  return new LogEvent({ ...event, type: '', metadataText: '', dataText: '', stub: 'withheld' })
}

function declared(given: object, runtime: Pick<Runtime, 'sha256'>, where: Where): Filter {
  const checked = checkedFields(given, where)
  const text = stringifyLossless(checked)
  if (text.length > longestFilter)
    throw unwanted('filter', given, `shorter than ${longestFilter} characters of JSON`, where)
  const { aggregates, tenant } = checked
  const content = contentTest(checked)
  return whole({
    ...named(text, runtime),
    ...(aggregates && { aggregate: matcher(aggregates) }),
    ...(tenant !== undefined && { tenant }),
    withhold: content === undefined ? unchanged : withholder(content),
  })
}

/** All of a log, under the name of what somebody else keeps of it. */
function labelled(key: string, runtime: Pick<Runtime, 'sha256'>): Filter {
  return whole({ ...named(stringifyLossless({ key }), runtime), withhold: unchanged })
}

function whole(filter: Omit<Filter, 'there'>): Filter {
  const itself: Filter = {
    ...filter,
    get there() {
      return itself
    },
  }
  return itself
}

function named(text: string, { sha256 }: Pick<Runtime, 'sha256'>) {
  return { text, fingerprint: sha256(`rejoin-filter-1\n${text}`).slice(0, 22) }
}

function contentTest({
  types,
  metadata,
}: CheckedFields): ((event: LogEvent) => boolean) | undefined {
  const known = types && new Set<string>(types)
  const meets = metadata && metadataMatcher(metadata)
  if (known === undefined) return meets
  if (meets === undefined) return (event) => known.has(event.type)
  return (event) => known.has(event.type) && meets(event)
}

function matcher(aggregates: readonly string[]): (id: string) => boolean {
  const ids = new Set(aggregates)
  const prefixes = aggregates.filter((one) => one.endsWith('*')).map((one) => one.slice(0, -1))
  if (prefixes.length === 0) return (id) => ids.has(id)
  return (id) => ids.has(id) || prefixes.some((prefix) => id.startsWith(prefix))
}

function withholder(isSeen: (event: LogEvent) => boolean): Filter['withhold'] {
  return (event) => (event.stub !== null || isSeen(event) ? event : stubOf(event))
}

function unchanged<C>(change: C): C {
  return change
}

/** What it throws or answers otherwise would lose content without a word. */
function asked(key: string, matches: FilterPredicate['matches']): (event: LogEvent) => boolean {
  return (event) => {
    let answer: unknown
    try {
      answer = matches(event)
    } catch (cause) {
      throw misbehaved(`the filter "${key}" threw at event ${event.id}`, cause)
    }
    if (typeof answer === 'boolean') return answer
    throw misbehaved(`the filter "${key}" answered neither true nor false to event ${event.id}`)
  }
}

function misbehaved(message: string, cause?: unknown): RejoinError {
  return new RejoinError('invalid_argument', message, {
    operation: 'filter',
    component: 'event',
    cause,
  })
}

function checkedPredicate(given: FilterPredicate, where: Where): FilterPredicate {
  const { key, matches, ...others } = given
  aFunction('filter.matches', matches, where)
  if (Object.keys(others).length > 0)
    throw unwanted('filter', Object.keys(others)[0], 'made of key and matches alone', where)
  return { key: checkedKey(key, where), matches }
}

function checkedKey(key: unknown, where: Where): string {
  const problem = idProblem(key, 255)
  if (problem === undefined) return key as string
  throw unwanted('filter.key', key, `a name for what the filter does: it ${problem}`, where)
}

const longestFilter = 256 * 1024
const deepestFilter = 5
