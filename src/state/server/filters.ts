import {
  isGlob,
  matchesPattern,
  Patterns,
  patternProblem,
  type StateObject,
} from '../../contracts/index.ts'
import {
  fields,
  type Known,
  oneOf,
  optionalFunction,
  timerTime,
  trueOrFalse,
  unwanted,
  type Where,
  wholeNumber,
} from '../../errors/check.ts'
import type { StateFilter, StateLimit } from './filter.ts'
import { listAnswered, objectAnswered } from './read-result.ts'
import { askedAtOnce, refusalBy, StateRefusal } from './refusal.ts'

/** How a path or pattern is read. */
export interface Reading {
  readonly pattern: string
  readonly oldestFirst: boolean
  /** Something other than what is stored may be shown. */
  readonly isFiltered: boolean
  /** Throws a refusal. */
  show(object: StateObject): StateObject | undefined
  readonly showAll?: (objects: readonly StateObject[]) => readonly StateObject[]
}

/** All filters of a server, by their patterns. */
export class Filters {
  readonly #patterns = new Patterns<Registered>()
  readonly #isStatic: boolean
  /** In the order of the patterns' segments. */
  readonly all: readonly Registered[]

  constructor(filters: Readonly<Record<string, StateFilter>>, isStatic: boolean) {
    this.#isStatic = isStatic
    for (const [pattern, filter] of Object.entries(filters))
      this.#patterns.set(pattern, { pattern, filter })
    this.all = [...this.#patterns.values()]
  }

  /** Throws a refusal in static mode, and where a part of the list is filtered in another way. */
  reading(pattern: string): Reading {
    const hook = pattern.includes('*') ? 'readList' : 'readObject'
    this.#checkOpen(pattern, hook)
    const readList = hook === 'readList' ? this.#hook(pattern, 'readList') : undefined
    if (hook === 'readList') this.#checkWhole(pattern, 'readList')
    const showsObjects = this.all.some(
      (one) => one.filter.readObject && overlaps(one.pattern, pattern),
    )
    return {
      pattern,
      oldestFirst: this.#hook(pattern, 'limit')?.order === 'oldest',
      isFiltered: readList !== undefined || showsObjects,
      show: (object) => (readList || !showsObjects ? object : this.#show(object, hook)),
      ...(readList && { showAll: (objects) => askedAtOnce(() => listAnswered(readList(objects))) }),
    }
  }

  /** What must be asked before a write or delete. Throws a refusal. */
  hook<Name extends 'write' | 'delete'>(
    pattern: string,
    name: Name,
  ): StateFilter[Name] | undefined {
    this.#checkOpen(pattern, name)
    if (name === 'delete' && pattern.includes('*')) this.#checkWhole(pattern, name)
    return this.#hook(pattern, name)
  }

  afterWrite(path: string): StateFilter['afterWrite'] {
    return this.#hook(path, 'afterWrite')
  }

  /** Whether any filter covers it. */
  covers(path: string): boolean {
    return this.#patterns.matching(path).length > 0
  }

  #show(object: StateObject, hook: 'readList' | 'readObject'): StateObject | undefined {
    const readObject = this.#hook(object.path, 'readObject')
    if (readObject === undefined) return object
    try {
      return objectAnswered(readObject(object))
    } catch (error) {
      // One object that is refused doesn't take its list with it.
      if (hook === 'readList') return undefined
      throw refusalBy(error)
    }
  }

  #hook<Name extends keyof StateFilter>(
    pattern: string,
    name: Name,
  ): StateFilter[Name] | undefined {
    const found = this.#patterns.matching(pattern)
    return found.find(({ filter }) => filter[name] !== undefined)?.filter[name]
  }

  #checkOpen(pattern: string, name: keyof StateFilter): void {
    if (!this.#isStatic) return
    const isOpen = this.#patterns
      .matching(pattern)
      .some(({ filter }) => filter.open || filter.limit || filter[name])
    if (!isOpen) throw new StateRefusal(400, `${pattern} is not served`)
  }

  /** A wider pattern must not show, or delete, what a filter of a narrower one would not. */
  #checkWhole(pattern: string, name: 'readList' | 'delete'): void {
    for (const { pattern: own, filter } of this.all) {
      if (filter[name] === undefined || matchesPattern(own, pattern)) continue
      if (!overlaps(own, pattern)) continue
      throw new StateRefusal(400, `${pattern} takes in ${own}, which has a filter of its own`)
    }
  }
}

export interface Registered {
  readonly pattern: string
  readonly filter: StateFilter
}

/** Whether a path can match both. */
export function overlaps(one: string, other: string): boolean {
  const [left, right] = [one.split('/'), other.split('/')]
  if (left.length !== right.length) return false
  return left.every((segment, at) => segment === '*' || right[at] === '*' || segment === right[at])
}

/** Throws `invalid_argument` naming what makes no sense. */
export function checkFilters(
  filters: Readonly<Record<string, StateFilter>>,
  where: Where,
): Readonly<Record<string, StateFilter>> {
  for (const [pattern, filter] of Object.entries(fields('filters', filters, where))) {
    const problem = patternProblem(pattern, [])
    if (problem !== undefined)
      throw unwanted('filters', pattern, `a path or pattern: it ${problem}`, where)
    // No path matches it: what it should keep out would come in.
    if (pattern.split('/').some((segment) => segment !== '*' && segment.includes('*')))
      throw unwanted('filters', pattern, 'by patterns whose * is a whole segment', where)
    const name = `filters["${pattern}"]`
    const { open, limit, ...functions } = fields(name, filter, where, stateFilterNames)
    if (open !== undefined) trueOrFalse(`${name}.open`, open, where)
    for (const [key, value] of Object.entries(functions))
      optionalFunction(`${name}.${key}`, value, where)
    if (limit === undefined) continue
    if (!isGlob(pattern))
      throw unwanted(`${name}.limit`, pattern, 'on a list, such as logs/*', where)
    checkLimit(`${name}.limit`, limit, where)
  }
  return filters
}

function checkLimit(name: string, limit: StateLimit, where: Where): void {
  const {
    count,
    age,
    order = 'newest',
    cleanup = 60_000,
  } = fields(name, limit, where, stateLimitNames)
  if (count === undefined && age === undefined)
    throw unwanted(name, limit, 'with a count or an age', where)
  if (typeof count !== 'function' && count !== undefined)
    wholeNumber(`${name}.count`, count, where, { from: 1 })
  if (typeof age !== 'function' && age !== undefined) timerTime(`${name}.age`, age, where)
  oneOf(`${name}.order`, order, ['newest', 'oldest'], where)
  timerTime(`${name}.cleanup`, cleanup, where, 60_000)
}

const stateLimitNames: Known<StateLimit> = { count: true, age: true, order: true, cleanup: true }

const stateFilterNames: Known<StateFilter> = {
  open: true,
  write: true,
  afterWrite: true,
  readObject: true,
  readList: true,
  delete: true,
  limit: true,
}
