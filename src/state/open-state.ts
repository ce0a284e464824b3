import type { ClockLimits } from '../clock/index.ts'
import { patternProblem, reservedNames, type StateStorage } from '../contracts/index.ts'
import {
  abortSignal,
  fields,
  type Known,
  optionalLogger,
  optionalRuntime,
  text,
  timerTime,
  trueOrFalse,
  unwanted,
  wholeNumber,
  withMethods,
} from '../errors/check.ts'
import { type Logger, silentLogger } from '../ports/index.ts'
import { type Runtime, systemRuntime } from '../runtime/index.ts'
import { MemoryStateStorage } from '../store/memory/index.ts'
import { cachedState } from '../store/state/index.ts'
import { at } from './check-calls.ts'
import { Collecting, type CollectingOptions, checkedCollecting } from './collecting.ts'
import { Ephemeral } from './ephemeral.ts'
import { NamedState } from './named-state.ts'
import { Shelf, type ShelfOptions } from './shelf.ts'
import { StateClock } from './state-clock.ts'
import { type Named, StateTree } from './state-tree.ts'
import { StorageTrouble } from './storage-trouble.ts'

/** How a tree is opened; checked as a whole before anything else happens. */
export interface StateOptions {
  /** Where its main part lives; default in memory. The tree closes it. */
  readonly storage?: StateStorage
  /** Further storages by name, each with paths, a feed and subscriptions of its own. */
  readonly storages?: Readonly<Record<string, StateStorage>>
  /**
   * Whether a copy of each durable storage is kept in memory, so that reads cost no I/O. Default `true`: about
   * half a kilobyte for each object beside its path and data.
   */
  readonly cache?: boolean
  /**
   * Paths under these patterns live in memory, expire when they have not been written for `ttl` milliseconds, and
   * are never replicated. A list or watch sees them when its own pattern is under one of these.
   */
  readonly ephemeral?: Readonly<Record<string, { readonly ttl: number }>>
  /**
   * When the tombstones of deletes go; `false`: never, or by somebody else. Default: an hourly look for those that
   * are a day old and that all known members have passed, or that have stood for 30 days.
   */
  readonly collecting?: CollectingOptions | false
  /** First segments that are no paths; default `sync`, `metrics`, `health`. */
  readonly reserved?: readonly string[]
  /** Most bytes of one object's data; default 10 MiB. */
  readonly dataBytes?: number
  /**
   * How far changes from elsewhere may lead this machine's clock in the tree's own main storage, in memory. One
   * that is given has limits of its own.
   */
  readonly clock?: Partial<ClockLimits>
  readonly logger?: Logger
  readonly runtime?: Runtime
  /** Gives up opening. Once it is open, this has no effect. */
  readonly signal?: AbortSignal
}

/**
 * Opens a tree over its storages. Rejects with `invalid_argument`; or, with all storages closed, what one of them
 * rejects with, or the signal's reason.
 */
export async function openState(options: StateOptions = {}): Promise<StateTree> {
  const settings = checkedOptions(options)
  const { runtime, logger, dataBytes, reserved, ephemeral, cache, collecting, signal } = settings
  const limits = options.clock && { clock: options.clock }
  signal?.throwIfAborted()
  const clock = new StateClock(runtime)
  const shelfOn = (storage: StateStorage, isDurable: boolean) => {
    const parts: ShelfOptions = { storage, isDurable, clock, dataBytes, runtime, logger }
    return Shelf.open(parts)
  }
  const states = new Map<string, Named>()
  const openNamed = async (name: string, given: StateStorage) => {
    const trouble = new StorageTrouble()
    // Nothing fails in memory.
    const storage = given.inMemory ? given : trouble.of(given)
    const replica =
      cache && !storage.inMemory ? await cachedState(storage, signal, runtime) : storage
    const own: Ephemeral[] = []
    for (const [pattern, { ttl }] of Object.entries(ephemeral)) {
      const shelf = await shelfOn(await MemoryStateStorage.open({ runtime, logger }), false)
      own.push(new Ephemeral(pattern, ttl, shelf, runtime))
    }
    const shelf = await shelfOn(replica, !storage.inMemory)
    const collector = collecting && new Collecting(replica, collecting, { runtime, logger })
    const parts = { name, shelf, ephemeral: own, reserved, clock }
    const state = new NamedState(collector ? { ...parts, collector } : parts)
    states.set(name, { state, replica, trouble })
  }
  const given = Object.entries(settings.storages)
  const main = options.storage ?? (await MemoryStateStorage.open({ ...limits, runtime, logger }))
  try {
    for (const [name, storage] of [[mainName, main] as const, ...given])
      await openNamed(name, storage)
  } catch (error) {
    await Promise.allSettled([...states.values()].map(({ state }) => state.close()))
    await Promise.allSettled(
      [main, ...given.map(([, storage]) => storage)].map((one) => one.close()),
    )
    throw error
  }
  return new StateTree(states, dataBytes)
}

function checkedOptions(options: StateOptions) {
  const where = at('open')
  const {
    storage,
    storages = {},
    cache = true,
    ephemeral = {},
    collecting = {},
    reserved = reservedNames,
    dataBytes = 10 * 1024 * 1024,
    logger = silentLogger,
    runtime = systemRuntime,
    signal,
  } = fields('options', options, where, stateOptionNames)
  for (const [name, one] of Object.entries({ storage, ...fields('storages', storages, where) }))
    if (one !== undefined) checkStorage(name, one)
  if (storage !== undefined && options.clock !== undefined)
    throw unwanted('clock', options.clock, 'given to the storage, where it is opened', where)
  if (mainName in storages) throw unwanted('storages', mainName, 'not called "main"', where)
  if (!Array.isArray(reserved)) throw unwanted('reserved', reserved, 'a list of names', where)
  for (const name of reserved) text('reserved', name, where)
  for (const [pattern, one] of Object.entries(fields('ephemeral', ephemeral, where))) {
    const problem = patternProblem(pattern, reserved)
    if (problem !== undefined)
      throw unwanted('ephemeral', pattern, `a path or pattern: it ${problem}`, where)
    timerTime(`ephemeral["${pattern}"].ttl`, fields('ephemeral', one, where, partNames).ttl, where)
  }
  wholeNumber('dataBytes', dataBytes, where, { from: 1 })
  trueOrFalse('cache', cache, where)
  optionalLogger(logger, where)
  optionalRuntime(runtime, where)
  abortSignal(signal, where)
  const sweeps = collecting !== false && checkedCollecting(collecting, where)
  const rest = { reserved, dataBytes, logger, runtime, signal }
  return { storages, cache, ephemeral, collecting: sweeps, ...rest }
}

function checkStorage(name: string, storage: StateStorage): void {
  const wanted = 'a state storage, such as SqliteStateStorage.open(…) resolves with'
  withMethods(name, storage, ['rows', 'list', 'feed', 'commit'], wanted, at('open'))
}

const mainName = 'main'

const partNames = { ttl: true } as const

const stateOptionNames: Known<StateOptions> = {
  storage: true,
  storages: true,
  cache: true,
  ephemeral: true,
  collecting: true,
  reserved: true,
  dataBytes: true,
  clock: true,
  logger: true,
  runtime: true,
  signal: true,
}
