import type {
  Collection,
  FeedRange,
  Forgetting,
  PathRange,
  StateCommit,
  StateRange,
  Sweep,
} from '../../contracts/index.ts'
import { patternProblem } from '../../contracts/index.ts'
import {
  fields,
  type Known,
  oneOf,
  text,
  unwanted,
  type Where,
  wholeNumber,
} from '../../errors/check.ts'

export function at(operation: string): Where {
  return { operation, component: 'store/state' }
}

export function checkPaths(paths: unknown, operation: string): void {
  if (!Array.isArray(paths) || paths.some((path) => typeof path !== 'string'))
    throw unwanted('paths', paths, 'a list of paths', at(operation))
}

export function checkRange(range: StateRange): void {
  const where = at('list')
  const {
    pattern,
    order = 'newest',
    limit = 1,
    from,
    to,
  } = fields('range', range, where, stateRangeNames)
  const problem = pattern === undefined ? undefined : patternProblem(pattern, [])
  if (problem !== undefined)
    throw unwanted('pattern', pattern, `a path or pattern: it ${problem}`, where)
  oneOf('order', order, ['newest', 'oldest', 'path'], where)
  wholeNumber('limit', limit, where, { from: 1 })
  for (const [name, time] of Object.entries({ from, to }))
    if (time !== undefined && typeof time !== 'bigint')
      throw unwanted(name, time, 'nanoseconds, a bigint', where)
}

/** With its defaults. */
export function checkedPathRange(range: PathRange): Required<PathRange> {
  const where = at('paths')
  const {
    prefix = '',
    skip = 0,
    limit = Number.MAX_SAFE_INTEGER,
  } = fields('range', range, where, pathRangeNames)
  if (typeof prefix !== 'string') throw unwanted('prefix', prefix, 'text', where)
  wholeNumber('skip', skip, where)
  wholeNumber('limit', limit, where, { from: 1 })
  return { prefix, skip, limit }
}

export function checkFeed(range: FeedRange): void {
  const where = at('feed')
  const { after = 0n, upTo, count = 1, bytes = 1 } = fields('range', range, where, feedRangeNames)
  checkPosition('after', after, where)
  if (upTo !== undefined) checkPosition('upTo', upTo, where)
  wholeNumber('count', count, where, { from: 1 })
  wholeNumber('bytes', bytes, where, { from: 1 })
}

export function checkCommit(commit: StateCommit): void {
  const where = at('commit')
  const { expects, changes, clock = 0n } = fields('commit', commit, where)
  checkPosition('expects', expects, where)
  if (typeof clock !== 'bigint') throw unwanted('clock', clock, 'nanoseconds, a bigint', where)
  if (!Array.isArray(changes)) throw unwanted('changes', changes, 'a list', where)
  if (changes.length > mostChanges)
    throw unwanted('changes.length', changes.length, `at most ${mostChanges}`, where)
}

export function checkCollection(what: Collection): void {
  const where = at('collect')
  const { before, upTo } = fields('what', what, where, collectionNames)
  if (typeof before !== 'bigint') throw unwanted('before', before, 'nanoseconds, a bigint', where)
  checkPosition('upTo', upTo, where)
}

export function checkSweep(what: Sweep): void {
  const where = at('sweep')
  const { minimumAge, horizon } = fields('what', what, where, sweepNames)
  wholeNumber('minimumAge', minimumAge, where)
  wholeNumber('horizon', horizon, where)
}

export function checkForgetting(what: Forgetting): void {
  const where = at('forget')
  const { patterns, along = [], sentTo } = fields('what', what, where, forgettingNames)
  for (const [name, list] of Object.entries({ patterns, along })) {
    if (!Array.isArray(list)) throw unwanted(name, list, 'a list of patterns', where)
    for (const pattern of list) {
      const problem = patternProblem(pattern, [])
      if (problem !== undefined)
        throw unwanted(name, pattern, `a path or pattern: it ${problem}`, where)
    }
  }
  if (sentTo !== undefined) text('sentTo', sentTo, where)
}

export function checkPositions(positions: unknown): void {
  const where = at('forgetLate')
  if (!Array.isArray(positions)) throw unwanted('positions', positions, 'a list', where)
  for (const position of positions) checkPosition('positions', position, where)
}

function checkPosition(name: string, value: unknown, where: Where): void {
  if (typeof value !== 'bigint' || value < 0n || value >= 2n ** 63n)
    throw unwanted(name, value, 'a position: a bigint from 0 to 2^63 - 1', where)
}

/** One commit holds up the others: this is for deleting whole lists. */
const mostChanges = 1_000_000

const forgettingNames: Known<Forgetting> = { patterns: true, along: true, sentTo: true }

const sweepNames: Known<Sweep> = { minimumAge: true, horizon: true }

const collectionNames: Known<Collection> = { before: true, upTo: true }

const feedRangeNames: Known<FeedRange> = { after: true, upTo: true, count: true, bytes: true }

const pathRangeNames: Known<PathRange> = { prefix: true, skip: true, limit: true }

const stateRangeNames: Known<StateRange> = {
  pattern: true,
  order: true,
  limit: true,
  from: true,
  to: true,
}
