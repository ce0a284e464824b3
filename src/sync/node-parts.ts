import type { EventStore, StandardSchema, Transport } from '../contracts/index.ts'
import { type Filter, filterOf, type LogEvent } from '../event/index.ts'
import { type LinkClosing, retrying, retryPolicy, timed } from '../link/index.ts'
import {
  guardedLogger,
  guardedMetrics,
  type Logger,
  noHealth,
  noMetrics,
  silentLogger,
} from '../ports/index.ts'
import type { Projections } from '../projection/index.ts'
import { type Runtime, systemRuntime } from '../runtime/index.ts'
import { RulesInUse } from './changed-rules.ts'
import { ConflictJournal } from './conflict-journal.ts'
import { evolutionOf } from './evolution.ts'
import { registerChecks } from './health-checks.ts'
import { Lifetime } from './lifetime.ts'
import { Meaning } from './meaning.ts'
import { measuredStore, measuredTransport } from './measured.ts'
import type { SyncNodeOptions } from './node-options.ts'
import { readModels } from './read-models.ts'
import { Remote } from './remote.ts'
import { Remotes, type UnsentThere } from './remotes.ts'
import type { Direction } from './runs.ts'
import type { EventMap } from './typed-events.ts'
import { Validation } from './validation.ts'
import { at } from './where.ts'

/** What a node works with, made from its options, which are taken to be checked. */
export interface NodeParts {
  readonly lifetime: Lifetime
  readonly store: EventStore
  readonly transports: readonly Transport<LogEvent>[]
  readonly remotes: Remotes
  readonly filter: Filter | undefined
  readonly realtime: boolean
  /** What `sync()` and automatic syncs do. */
  readonly direction: Direction
  readonly validation: Validation | undefined
  readonly meaning: Meaning
  readonly rulesInUse: RulesInUse
  readonly projections: Projections
  readonly journal: ConflictJournal
  readonly runtime: Runtime
  /** Takes the node's checks out of the health port. */
  readonly leaveHealth: () => void
}

export function partsOf<Events extends EventMap>(options: SyncNodeOptions<Events>): NodeParts {
  const { runtime = systemRuntime, realtime = false, interval = 0, timeout = 30_000 } = options
  const logger = guardedLogger(options.logger ?? silentLogger)
  const metrics = guardedMetrics(options.metrics ?? noMetrics, logger)
  const store = options.metrics ? measuredStore(options.store, metrics, runtime) : options.store
  const { batchSize, health = noHealth } = options
  const direction: Direction = directionOf(options)
  const transports = transportsOf(options)
  const filter = options.filter && filterOf(options.filter, runtime, at('new SyncNode'))
  const { rules, upcasters, projections } = options
  const meaning = new Meaning({ rules, upcasters, evolution: evolutionOf(upcasters) })
  const isUpcast = upcasters !== undefined
  const remotes = [...transports].map(([name, transport]) => {
    const way = wayTo(transport, options, { logger, runtime })
    const given = {
      name,
      store,
      direction,
      interval,
      realtime,
      timeout,
      batchSize,
      filter,
      meaning,
    }
    const isOnly = transports.size === 1
    const named = options.remotes && { remote: name }
    return new Remote({ ...given, ...named, isOnly, transport: way, logger, metrics, runtime })
  })
  const models = readModels({ store, meaning, isUpcast, projections, runtime, logger })
  return {
    lifetime: new Lifetime(),
    store,
    transports: [...transports.values()],
    remotes: new Remotes(remotes, realtime || interval > 0),
    filter,
    realtime,
    direction,
    validation: validationOf(options),
    meaning,
    runtime,
    journal: new ConflictJournal({ meaning, store, runtime, logger }),
    projections: models,
    rulesInUse: new RulesInUse({ meaning, projections: models, logger }),
    leaveHealth: registerChecks(health, { store: options.store, transports, runtime, logger }),
  }
}

/** Store and transports are closed in any case; rejects with what a transport says that can't be closed. */
export async function closeParts(
  parts: NodeParts,
  reason: unknown,
  closing: LinkClosing,
): Promise<readonly UnsentThere[]> {
  const { leaveHealth, remotes, transports, store, projections, journal } = parts
  leaveHealth()
  try {
    const unsent = await remotes.close(reason, closing)
    const closed = await Promise.allSettled(transports.map((transport) => transport.close()))
    for (const one of closed) if (one.status === 'rejected') throw one.reason
    return unsent
  } finally {
    await projections.close()
    await journal.close()
    await store.close()
  }
}

/** By name, the primary one first. */
function transportsOf<Events extends EventMap>({
  transport,
  remotes = {},
  primary,
}: SyncNodeOptions<Events>): ReadonlyMap<string, Transport<LogEvent>> {
  const first = primary === undefined ? [] : [primary]
  const names = new Set([...first, ...Object.keys(remotes)])
  const named = [...names].map((name) => [name, remotes[name] as Transport<LogEvent>] as const)
  return new Map(transport === undefined ? named : [['remote', transport]])
}

interface Surroundings {
  readonly logger: Logger
  readonly runtime: Runtime
}

/** The transport as syncs use it: each try in time and counted. */
function wayTo<Events extends EventMap>(
  transport: Transport<LogEvent>,
  { timeout = 30_000, retry = {}, metrics }: SyncNodeOptions<Events>,
  { logger, runtime }: Surroundings,
): Transport<LogEvent> {
  const inTime = timed(transport, timeout, runtime)
  const guarded = metrics && guardedMetrics(metrics, logger)
  const counted = guarded ? measuredTransport(inTime, guarded, runtime) : inTime
  if (retry === false) return counted
  return retrying(counted, retryPolicy(retry, at('new SyncNode')), runtime, logger)
}

function directionOf({ pushOnly, pullOnly }: Pick<SyncNodeOptions, 'pushOnly' | 'pullOnly'>) {
  if (pushOnly) return 'push'
  return pullOnly ? 'pull' : 'both'
}

function validationOf<Events extends EventMap>({
  validation = {},
  unknownTypes = 'pass',
}: SyncNodeOptions<Events>): Validation | undefined {
  const needed = unknownTypes === 'refuse' || Object.keys(validation).length > 0
  // By type name only: what each schema takes in is settled where the options are typed.
  const schemas = validation as Readonly<Record<string, StandardSchema>>
  return needed ? new Validation(schemas, unknownTypes) : undefined
}
