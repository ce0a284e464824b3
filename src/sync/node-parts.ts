import type { EventStore, Transport } from '../contracts/index.ts'
import { filterOf, type LogEvent } from '../event/index.ts'
import { retrying, retryPolicy, timed } from '../link/index.ts'
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
import { AutoSync } from './auto-sync.ts'
import { RulesInUse } from './changed-rules.ts'
import { at } from './check-node.ts'
import { ConflictJournal } from './conflict-journal.ts'
import { evolutionOf } from './evolution.ts'
import { registerChecks } from './health-checks.ts'
import { Meaning } from './meaning.ts'
import { measuredStore, measuredTransport } from './measured.ts'
import type { SyncNodeOptions } from './node-options.ts'
import { readModels } from './read-models.ts'
import { type Direction, Runs } from './runs.ts'
import type { StandardSchema } from './standard-schema.ts'
import type { EventMap } from './typed-events.ts'
import { Validation } from './validation.ts'

/** What a node works with, made from its options, which are taken to be checked. */
export interface NodeParts {
  readonly store: EventStore
  readonly transport: Transport<LogEvent> | undefined
  readonly runs: Runs | undefined
  readonly autoSync: AutoSync | undefined
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
  const { transport, runtime = systemRuntime } = options
  const logger = guardedLogger(options.logger ?? silentLogger)
  const metrics = guardedMetrics(options.metrics ?? noMetrics, logger)
  const store = options.metrics ? measuredStore(options.store, metrics, runtime) : options.store
  const { batchSize, health = noHealth } = options
  const direction = directionOf(options)
  const remote = transport && wayTo(transport, options, { logger, runtime })
  const filter = options.filter && filterOf(options.filter, runtime, at('new SyncNode'))
  const ends = remote && { store, transport: remote }
  const { rules, upcasters, projections } = options
  const meaning = new Meaning({ rules, upcasters, evolution: evolutionOf(upcasters) })
  const isUpcast = upcasters !== undefined
  const runs = ends && new Runs({ ...ends, meaning, batchSize, filter, logger, metrics, runtime })
  const models = readModels({ store, meaning, isUpcast, projections, runtime, logger })
  return {
    store,
    transport,
    runs,
    autoSync: runs && autoSyncOf(runs, direction, options, { logger, runtime }),
    direction,
    validation: validationOf(options),
    meaning,
    runtime,
    journal: new ConflictJournal({ meaning, store, runtime, logger }),
    projections: models,
    rulesInUse: new RulesInUse({ meaning, projections: models, logger }),
    leaveHealth: registerChecks(health, { store: options.store, transport, runtime, logger }),
  }
}

/** Store and transport are closed in any case; rejects with what the transport says when it can't be closed. */
export async function closeParts(parts: NodeParts, reason: unknown): Promise<void> {
  const { autoSync, leaveHealth, runs, transport, store, projections, journal } = parts
  autoSync?.stop()
  leaveHealth()
  try {
    await runs?.close(reason)
    await transport?.close()
  } finally {
    await projections.close()
    await journal.close()
    await store.close()
  }
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

function autoSyncOf<Events extends EventMap>(
  runs: Runs,
  direction: Direction,
  { interval = 0 }: SyncNodeOptions<Events>,
  surroundings: Surroundings,
): AutoSync | undefined {
  if (interval === 0) return undefined
  return new AutoSync({ ...surroundings, interval, sync: () => runs.join(direction, {}) })
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
