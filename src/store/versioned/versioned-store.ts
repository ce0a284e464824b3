import type { Appended, AppendOptions, EventStore, Stale } from '../../contracts/index.ts'
import {
  fields,
  isSignal,
  type Known,
  optionalLogger,
  text,
  unwanted,
  withMethods,
} from '../../errors/check.ts'
import { type EventId, isNodeId, type LogEvent, type NewEvent } from '../../event/index.ts'
import { type Logger, silentLogger } from '../../ports/index.ts'
import type { Position } from '../../version/index.ts'
import { turns } from './turns.ts'
import type { VersionManager } from './version-manager.ts'
import { versionKey, versionOf } from './version-of.ts'

export interface VersionedStoreOptions {
  /** Who writes here, as the manager is told. Default: the store's node. */
  readonly node?: string
  /** Where in the metadata a version stands. Default `synckit.clock`. */
  readonly key?: string
  /** Hears of versions that the manager won't have. */
  readonly logger?: Logger
  readonly signal?: AbortSignal
}

/** What the decorator adds to a store. */
export interface Versioned {
  /** The manager's version, once it has seen all that is in the log. */
  currentVersion(signal?: AbortSignal): Promise<string>
}

/**
 * The same store, each appended event with the manager's next version in its metadata. The manager first
 * sees every version in the log, so a restart loses none, and from then on what is appended and what syncs
 * bring; also what other processes commit, before the next append.
 *
 * An event that has a version keeps it, and so does a known one that is appended again. An append that
 * stores nothing takes no version. Appends wait for each other here. Opening reads the whole log once.
 *
 * Versions are content, and go with it: what is erased or withheld has none, and a restart does not see it.
 * Unlike parents they know nothing of copies and restored backups, which may give one version twice. So may
 * two processes with one file, unless each is given a `node` of its own.
 */
export async function versionedStore<Store extends EventStore>(
  store: Store,
  manager: VersionManager,
  options: VersionedStoreOptions = {},
): Promise<Store & Versioned> {
  const { node, key, logger, signal } = check(store, manager, options)
  const name = node ?? (await store.identity(signal)).node
  const versions = new Versions(store, manager, { node: name, key, logger })
  await versions.currentVersion(signal)
  const close = () => versions.close()
  const replaced: Partial<EventStore> & Versioned = {
    close,
    [Symbol.asyncDispose]: close,
    append: (events, appendOptions) => versions.append(events, appendOptions),
    async apply(batch, applySignal) {
      const applied = await store.apply(batch, applySignal)
      await versions.follow()
      return applied
    },
    currentVersion: (given) => versions.currentVersion(given),
  }
  return new Proxy(store, {
    get(target, member) {
      const own: unknown = Reflect.get(replaced, member)
      if (own !== undefined && Object.hasOwn(replaced, member)) return own
      const value: unknown = Reflect.get(target, member, target)
      // Its own `this`: private fields are not the proxy's.
      return typeof value === 'function' ? value.bind(target) : value
    },
    has: (target, member) => Object.hasOwn(replaced, member) || Reflect.has(target, member),
  }) as Store & Versioned
}

interface Naming {
  readonly node: string
  readonly key: string
  readonly logger: Logger
}

class Versions {
  readonly #store: EventStore
  readonly #manager: VersionManager
  readonly #naming: Naming
  readonly #inTurn = turns()
  /** The manager has seen the log up to here. */
  #seen = 0n as Position

  constructor(store: EventStore, manager: VersionManager, naming: Naming) {
    this.#store = store
    this.#manager = manager
    this.#naming = naming
  }

  append(events: readonly NewEvent[], options: AppendOptions = {}): Promise<Appended | Stale> {
    // What makes no sense is the store's to refuse.
    if (!Array.isArray(events) || !isSignal(options?.signal))
      return this.#store.append(events, options)
    return this.#inTurn(async () => {
      await this.#catchUp(options.signal)
      const versioned = await this.#withVersions(events, options.signal)
      const outcome = await this.#store.append(versioned, options)
      if (outcome.kind === 'appended') for (const event of outcome.events) this.#takeUp(event)
      return outcome
    }, options.signal)
  }

  currentVersion(signal?: AbortSignal): Promise<string> {
    return this.#inTurn(async () => {
      await this.#catchUp(signal)
      return this.#manager.currentVersion()
    }, signal)
  }

  /** After a commit: what can't be read now is read before the next append. */
  async follow(): Promise<void> {
    await this.#inTurn(() => this.#catchUp(undefined)).catch(() => {})
  }

  /** What is under way finishes first. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#store.close())
  }

  async #catchUp(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      const { entries, next, more } = await this.#store.entries({ after: this.#seen }, signal)
      for (const { event } of entries) this.#takeUp(event)
      this.#seen = next
      if (!more) return
    }
  }

  #takeUp(event: LogEvent): void {
    const version = versionOf(event, this.#naming.key)
    if (version === undefined) return
    try {
      this.#manager.updateFromVersion(version)
    } catch (error) {
      const { id, origin } = event
      this.#naming.logger.warn('an event has a version that is not taken up', { id, origin, error })
    }
  }

  async #withVersions(
    events: readonly NewEvent[],
    signal: AbortSignal | undefined,
  ): Promise<readonly NewEvent[]> {
    const { node, key } = this.#naming
    const known = await this.#known(events, signal)
    const manager = this.#manager.clone()
    // Not `map`, which passes over holes.
    return Array.from(events, (event: NewEvent) => {
      const metadata: unknown = event?.metadata ?? {}
      if (typeof event !== 'object' || event === null || !isPlain(metadata)) return event
      const given = metadata[key]
      if (given !== undefined) {
        manager.updateFromVersion(typeof given === 'string' ? given : JSON.stringify(given))
        return event
      }
      const earlier = known.get(event.id as EventId)
      const version = earlier === undefined ? manager.nextVersion(node) : versionOf(earlier, key)
      return version === undefined ? event : { ...event, metadata: { ...metadata, [key]: version } }
    })
  }

  async #known(
    events: readonly NewEvent[],
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<EventId, LogEvent>> {
    const ids = events.flatMap((event) => (typeof event?.id === 'string' ? [event.id] : []))
    if (ids.length === 0) return new Map()
    const found = await this.#store.fetch(ids as EventId[], signal)
    return new Map(found.map((event) => [event.id, event]))
  }
}

function isPlain(metadata: unknown): metadata is Readonly<Record<string, unknown>> {
  return typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata)
}

function check(store: unknown, manager: unknown, options: VersionedStoreOptions) {
  withMethods('store', store, ['append', 'entries', 'apply'], 'an event store', where)
  const methods = ['currentVersion', 'nextVersion', 'updateFromVersion', 'clone']
  withMethods('manager', manager, methods, `a version manager with ${methods.join(', ')}`, where)
  const {
    node,
    key = versionKey,
    logger = silentLogger,
    signal,
  } = fields('options', options, where, versionedStoreOptionNames)
  if (node !== undefined && !isNodeId(node))
    throw unwanted('node', node, '1 to 255 of A-Z, a-z, 0-9, ".", "_" and "-"', where)
  if (!isSignal(signal)) throw unwanted('signal', signal, 'an AbortSignal', where)
  optionalLogger(logger, where)
  return { node, key: text('key', key, where), logger, signal }
}

const where = { operation: 'open', component: 'store/versioned' }

const versionedStoreOptionNames: Known<VersionedStoreOptions> = {
  node: true,
  key: true,
  logger: true,
  signal: true,
}
