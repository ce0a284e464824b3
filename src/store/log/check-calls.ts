import type { AppendOptions, CompactOptions, ReadRange, Want } from '../../contracts/index.ts'
import {
  abortSignal,
  fields,
  type Known,
  oneOf,
  optionalFunction,
  unwanted,
  type Where,
  wholeNumber,
  withMethods,
} from '../../errors/check.ts'
import type { Filter } from '../../event/index.ts'

export function checkAppendOptions(options: AppendOptions): void {
  const where = at('append')
  const { expected, signal } = fields('options', options, where, appendOptionNames)
  abortSignal(signal, where)
  if (expected === undefined || expected === 'any' || expected === 'none') return
  if (!isTexts(expected))
    throw unwanted('expected', expected, '"any", "none" or a list of event ids', where)
}

export function checkRange(range: ReadRange): void {
  const where = at('entries')
  const {
    aggregateId,
    after,
    count,
    bytes,
    placed = 'last',
  } = fields('range', range, where, readRangeNames)
  oneOf('placed', placed, ['last', 'first'], where)
  if (aggregateId !== undefined) checkText('entries', 'aggregateId', aggregateId)
  if (after !== undefined && !isPosition(after))
    throw unwanted('after', after, 'a position: a bigint from 0 to 2^63 - 1', where)
  if (count !== undefined) wholeNumber('count', count, where, { from: 1 })
  if (bytes !== undefined) wholeNumber('bytes', bytes, where, { from: 1 })
}

/** A page that may hold nothing would have a cursor beyond what nobody got. */
export function checkWant(after: unknown, want: Want): void {
  const where = at('changes')
  checkText('changes', 'after', after)
  const { count, bytes, notVia, filter } = fields('want', want, where, wantNames)
  wholeNumber('count', count, where, { from: 1 })
  wholeNumber('bytes', bytes, where, { from: 1 })
  if (notVia !== undefined) checkText('changes', 'notVia', notVia)
  if (filter !== undefined) checkFilter(filter, where)
}

/** It has to be a checked one, which has a fingerprint. */
export function checkFilter(filter: unknown, where: Where): void {
  withMethods('filter', filter, ['withhold'], 'what filterOf(…) answers', where)
  checkText(where.operation, 'filter.fingerprint', (filter as Filter).fingerprint)
}

export function checkText(operation: string, name: string, value: unknown): void {
  if (typeof value !== 'string') throw unwanted(name, value, 'a string', at(operation))
}

export function checkIds(ids: unknown): void {
  if (!isTexts(ids)) throw unwanted('ids', ids, 'a list of event ids', at('fetch'))
}

export function checkErasure(what: unknown): void {
  if (isTexts(what)) return
  const wanted = 'a list of event ids or { aggregateId }'
  const isOther = typeof what !== 'object' || what === null || Array.isArray(what)
  if (isOther || !('aggregateId' in what)) throw unwanted('what', what, wanted, at('erase'))
  checkText('erase', 'what.aggregateId', what.aggregateId)
}

export function checkCompaction(options: CompactOptions): void {
  const where = at('compact')
  const { olderThan, before, aggregateId, silence, readers, leaveBehind, onProgress, signal } =
    fields('options', options, where, compactOptionNames)
  if (olderThan !== undefined) wholeNumber('olderThan', olderThan, where)
  if (before !== undefined && !isPosition(before))
    throw unwanted('before', before, 'a position: a bigint from 0 to 2^63 - 1', where)
  if (aggregateId !== undefined) checkText('compact', 'aggregateId', aggregateId)
  if (silence !== undefined) wholeNumber('silence', silence, where)
  if (readers !== undefined && !Array.isArray(readers))
    throw unwanted('readers', readers, 'a list of readers', where)
  for (const { name, upTo } of readers ?? []) {
    checkText('compact', 'readers[].name', name)
    if (!isPosition(upTo)) throw unwanted('readers[].upTo', upTo, 'a position', where)
  }
  if (leaveBehind !== undefined && !isTexts(leaveBehind))
    throw unwanted('leaveBehind', leaveBehind, 'a list of names of links and readers', where)
  optionalFunction('onProgress', onProgress, where)
  abortSignal(signal, where)
}

export function checkBatch(batch: unknown): void {
  const { via, role, changes } = named('apply', 'batch', batch)
  checkText('apply', 'batch.via', via)
  if (role !== 'pulled' && role !== 'pushed')
    throw unwanted('batch.role', role, '"pulled" or "pushed"', at('apply'))
  if (!Array.isArray(changes)) throw unwanted('batch.changes', changes, 'a list', at('apply'))
}

export function checkSettlement(settlement: unknown): void {
  const { link, expects, pushed, parked, unparked, reached } = named(
    'settle',
    'settlement',
    settlement,
  )
  checkText('settle', 'settlement.link', link)
  checkText('settle', 'settlement.expects', expects)
  checkText('settle', 'settlement.pushed', pushed)
  if (reached !== undefined) checkText('settle', 'settlement.reached', reached)
  for (const [name, list] of Object.entries({ parked, unparked }))
    if (!Array.isArray(list)) throw unwanted(`settlement.${name}`, list, 'a list', at('settle'))
}

/** Whoever is told nothing would take itself for a copy. */
export function checkConfirmation(peer: unknown, as: unknown, known: unknown): void {
  checkText('confirm', 'peer', peer)
  checkText('confirm', 'as', as)
  const {
    received,
    pulled,
    sequence,
    ids,
    asked = '',
    begins = '',
  } = named('confirm', 'known', known)
  checkText('confirm', 'known.received', received)
  checkText('confirm', 'known.pulled', pulled)
  checkText('confirm', 'known.asked', asked)
  checkText('confirm', 'known.begins', begins)
  if (typeof sequence !== 'bigint')
    throw unwanted('known.sequence', sequence, 'a bigint', at('confirm'))
  if (!isTexts(ids)) throw unwanted('known.ids', ids, 'a list of event ids', at('confirm'))
}

export function at(operation: string): Where {
  return { operation, component: 'store/log' }
}

function named(operation: string, name: string, value: unknown): Record<string, unknown> {
  return fields(name, value as Record<string, unknown>, at(operation))
}

function isPosition(value: unknown): boolean {
  return typeof value === 'bigint' && value >= 0n && value < 2n ** 63n
}

function isTexts(value: unknown): boolean {
  if (!Array.isArray(value)) return false
  for (let index = 0; index < value.length; index++)
    if (typeof value[index] !== 'string') return false
  return true
}

const compactOptionNames: Known<CompactOptions> = {
  olderThan: true,
  before: true,
  aggregateId: true,
  silence: true,
  readers: true,
  leaveBehind: true,
  onProgress: true,
  signal: true,
}

const wantNames = { count: true, bytes: true, notVia: true, filter: true } as const

const readRangeNames: Known<ReadRange> = {
  aggregateId: true,
  after: true,
  count: true,
  bytes: true,
  placed: true,
}

const appendOptionNames: Known<AppendOptions> = { expected: true, signal: true }
