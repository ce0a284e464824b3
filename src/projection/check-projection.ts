import {
  aFunction,
  fields,
  oneOf,
  optionalFunction,
  text,
  timerTime,
  unwanted,
  type Where,
  wholeNumber,
} from '../errors/check.ts'
import { snapshotType } from '../event/index.ts'
import type { ProjectionOptions } from './projection-options.ts'

/** Throws `invalid_argument` for what makes no sense. */
export function checkProjection<Events extends object, State>(
  options: ProjectionOptions<Events, State>,
): void {
  const { name, version, key, initial, on, batch } = fields(
    'options',
    options,
    where,
    projectionOptionNames,
  )
  const { timeout, batchSize, checkpointEvery, poison } = options
  checkName(name, where)
  if (version !== undefined) wholeNumber('version', version, where, { from: 1 })
  optionalFunction('key', key, where)
  if (initial === undefined) throw unwanted('initial', initial, 'a state, or a function', where)
  if ((on === undefined) === (batch === undefined))
    throw unwanted('on', on, 'given, or batch, and not both', where)
  checkSnapshot(options)
  if (on !== undefined) checkFolds(on)
  if (batch !== undefined) checkBatch(batch)
  if (timeout !== undefined) timerTime('timeout', timeout, where)
  if (batchSize !== undefined) wholeNumber('batchSize', batchSize, where, { from: 1, to: 10_000 })
  if (checkpointEvery !== undefined)
    wholeNumber('checkpointEvery', checkpointEvery, where, { from: 1 })
  if (poison !== undefined) oneOf('poison', poison, ['stop', 'retry', 'deadLetter'], where)
}

/** A name of a projection, a subscription or an outbox. */
export function checkName(name: unknown, at: Where): string {
  const given = text('name', name, at)
  if (/^[A-Za-z0-9._-]{1,200}$/.test(given)) return given
  throw unwanted('name', given, 'letters, digits, ".", "_" and "-", at most 200', at)
}

function checkFolds(on: object): void {
  for (const [type, fold] of Object.entries(fields('on', on, where)))
    if (fold !== undefined) aFunction(`on.${type}`, fold, where)
}

function checkSnapshot({ on, snapshot, batch }: SnapshotOptions): void {
  optionalFunction('snapshot', snapshot, where)
  if (snapshot === undefined) return
  if (batch !== undefined)
    throw unwanted('snapshot', snapshot, `absent: name ${snapshotType} among batch.types`, where)
  if (on?.[snapshotType] !== undefined)
    throw unwanted('snapshot', snapshot, `absent beside on["${snapshotType}"]`, where)
}

interface SnapshotOptions {
  readonly on?: Readonly<Record<string, unknown>>
  readonly snapshot?: unknown
  readonly batch?: unknown
}

function checkBatch(batch: { readonly types: unknown; readonly fold: unknown }): void {
  const { types, fold } = fields('batch', batch, where, partNames)
  if (!Array.isArray(types)) throw unwanted('batch.types', types, 'a list of event types', where)
  for (const type of types) text('batch.types[]', type, where)
  aFunction('batch.fold', fold, where)
}

const where: Where = { operation: 'projection', component: 'projection' }

const partNames = { types: true, fold: true } as const

const projectionOptionNames = {
  name: true,
  version: true,
  key: true,
  initial: true,
  on: true,
  snapshot: true,
  batch: true,
  timeout: true,
  batchSize: true,
  checkpointEvery: true,
  poison: true,
} as const
