import type { AppendOptions } from '../contracts/index.ts'
import {
  abortSignal,
  fields,
  type Known,
  oneOf,
  optionalFunction,
  optionalLogger,
  optionalRuntime,
  text,
  timerTime,
  trueOrFalse,
  unwanted,
  type Where,
  wholeNumber,
  withMethods,
} from '../errors/check.ts'
import { RejoinError } from '../errors/index.ts'
import { type EventFilter, filterOf, upcasterOf } from '../event/index.ts'
import { retryPolicy } from '../link/index.ts'
import { systemRuntime } from '../runtime/index.ts'
import type { NodeAppendOptions } from './append-options.ts'
import type { SyncNodeOptions } from './node-options.ts'
import { checkProjections } from './read-models.ts'
import type { SyncOptions } from './sync-options.ts'
import type { EventMap } from './typed-events.ts'
import { checkSchemas } from './validation.ts'
import { at } from './where.ts'

/** Throws one `invalid_argument` that names everything that makes no sense; `details.problems` lists it. */
export function checkNodeOptions<Events extends EventMap>(options: SyncNodeOptions<Events>): void {
  const where = at('new SyncNode')
  const given = fields('options', options, where)
  const problems = [
    ...problem(() => fields('options', given, where, known)),
    ...Object.entries(checks).flatMap(([name, check]) => {
      const value = given[name as keyof SyncNodeOptions]
      return value === undefined && name !== 'store' ? [] : problem(() => check(value, where))
    }),
    ...problem(() => checkTogether(given, where)),
  ]
  if (problems.length > 1) throw allOf(problems, where)
  if (problems[0] !== undefined) throw problems[0]
}

type Check = (value: unknown, where: Where) => void

const checks: Readonly<Record<keyof SyncNodeOptions, Check>> = {
  store: (value, where) =>
    withMethods('store', value, ['append', 'entries', 'changes', 'close'], stores, where),
  transport: (value, where) =>
    withMethods('transport', value, ['hello', 'push', 'pull', 'close'], 'a transport', where),
  remotes: (value, where) => {
    const all = Object.entries(fields('remotes', value as object, where))
    if (all.length === 0) throw unwanted('remotes', 'nothing', 'a transport by name', where)
    for (const [name, remote] of all) {
      text('the name of a remote', name, where)
      withMethods(
        `remotes.${name}`,
        remote,
        ['hello', 'push', 'pull', 'close'],
        'a transport',
        where,
      )
    }
  },
  primary: (value, where) => text('primary', value, where),
  batchSize: (value, where) => wholeNumber('batchSize', value, where, { from: 1 }),
  timeout: (value, where) => timerTime('timeout', value, where),
  retry: (value, where) => value === false || retryPolicy(value as object, where),
  interval: (value, where) => timerTime('interval', value, where, 0),
  realtime: (value, where) => trueOrFalse('realtime', value, where),
  autoStart: (value, where) => trueOrFalse('autoStart', value, where),
  pushOnly: (value, where) => trueOrFalse('pushOnly', value, where),
  pullOnly: (value, where) => trueOrFalse('pullOnly', value, where),
  filter: (value, where) => filterOf(value as EventFilter, systemRuntime, where),
  validation: checkSchemas,
  unknownTypes: (value, where) => oneOf('unknownTypes', value, ['pass', 'refuse'], where),
  upcasters: (value, where) => upcasterOf(value as Record<string, never>, where),
  rules: checkRuleSet,
  projections: checkProjections,
  logger: optionalLogger,
  metrics: (value, where) =>
    withMethods('metrics', value, ['syncEnded', 'storageCalled', 'transportCalled'], meters, where),
  health: (value, where) =>
    withMethods('health', value, ['register'], 'a health port with register', where),
  runtime: optionalRuntime,
}

const known = Object.fromEntries(
  Object.keys(checks).map((name) => [name, true]),
) as Known<SyncNodeOptions>

/** Throws `invalid_argument` for what `defineRules` has not made. */
export function checkRuleSet(value: unknown, where: Where): void {
  withMethods('rules', value, ['decide', 'conflictKey'], ruleSets, where)
}

/** Every option there is. */
export const optionNames = Object.keys(checks) as readonly (keyof SyncNodeOptions)[]

const bothWays = 'pushOnly and pullOnly exclude each other: leave one of them out'
const stores = 'an open event store, such as await SqliteStore.open(…)'
const ruleSets = 'rules made by defineRules of rejoin/conflict'
const meters = 'metrics with syncEnded, storageCalled and transportCalled'

function checkTogether(options: Omit<SyncNodeOptions, 'validation'>, where: Where): void {
  const { pushOnly, pullOnly, autoStart, interval, realtime, transport, remotes, primary } = options
  if (pushOnly === true && pullOnly === true)
    throw new RejoinError('invalid_argument', bothWays, {
      ...where,
      details: { option: 'pushOnly' },
    })
  const names = Object.keys(remotes ?? {})
  if (transport !== undefined && remotes !== undefined)
    throw unwanted(
      'remotes',
      remotes,
      'left out next to a transport, or the other way round',
      where,
    )
  if (primary !== undefined && !names.includes(primary))
    throw unwanted('primary', primary, 'the name of one of the remotes', where)
  if (autoStart !== true) return
  if (realtime !== true && (interval === undefined || interval === 0))
    throw unwanted(
      'interval',
      interval,
      'milliseconds above 0, or realtime: true, for autoStart',
      where,
    )
  if (transport === undefined && remotes === undefined)
    throw unwanted('transport', transport, 'a transport for autoStart', where)
}

function problem(check: () => void): readonly RejoinError[] {
  try {
    check()
    return []
  } catch (error) {
    if (error instanceof RejoinError) return [error]
    throw error
  }
}

function allOf(problems: readonly RejoinError[], where: Where): RejoinError {
  const words = problems.map(({ message }) => message)
  return new RejoinError('invalid_argument', words.join('; '), {
    ...where,
    details: { problems: words },
  })
}

export function checkSyncOptions(options: SyncOptions): void {
  fields<SyncOptions & { readonly remote?: string }>('options', options, at('sync'), syncNames)
  signalIn('sync', options)
  optionalFunction('onProgress', options.onProgress, at('sync'))
}

/** What an append waits for, and what else the store is told. */
export function checkedAppend(options: NodeAppendOptions): {
  readonly until: 'local' | 'remote'
  readonly appending: AppendOptions
} {
  const names = { until: true, expected: true, signal: true } as const
  const { until = 'local', ...appending } = fields('options', options, at('append'), names)
  return { until: oneOf('until', until, ['local', 'remote'], at('append')), appending }
}

/** The signal among a call's options. */
export function signalIn(
  operation: string,
  options: { readonly signal?: AbortSignal },
): AbortSignal | undefined {
  const where = at(operation)
  const { signal } = fields('options', options, where)
  abortSignal(signal, where)
  return signal
}

/** How many entries a read may yield: none is fine, and so is no end. */
export function mostEntries(count: number | undefined): number {
  if (count === undefined || count === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
  return wholeNumber('count', count, at('read'))
}

/** What was decided on one aggregate's history can't be held against another's heads. */
export function checkDecision(events: unknown, aggregateId: string): void {
  if (!Array.isArray(events))
    throw unwanted('what the decider answers', events ?? null, 'a list of events', at('decide'))
  // What is no event at all, the append refuses in its own words.
  const stray = events.find((event) => ofAnother(event, aggregateId))
  if (stray === undefined) return
  const wanted = `${JSON.stringify(aggregateId)}, which was decided on`
  throw unwanted('the aggregateId of every event', stray.aggregateId, wanted, at('decide'))
}

function ofAnother(event: unknown, aggregateId: string): boolean {
  const given = (event as { readonly aggregateId?: unknown } | null | undefined)?.aggregateId
  return typeof given === 'string' && given !== aggregateId
}

const syncNames = { signal: true, onProgress: true, remote: true } as const
