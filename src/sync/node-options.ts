import type { RuleSet } from '../conflict/index.ts'
import type { EventStore, Transport } from '../contracts/index.ts'
import type { EventFilter, LogEvent, Upcasters } from '../event/index.ts'
import type { RetryPolicy } from '../link/index.ts'
import type { Health, Logger, Metrics } from '../ports/index.ts'
import type { AnyProjection } from '../projection/index.ts'
import type { Runtime } from '../runtime/index.ts'
import type { AnyEvents, EventMap, EventOf } from './typed-events.ts'
import type { EventSchemas, UnknownTypes } from './validation.ts'

/**
 * What a node is made of. It takes over store and transport: both are closed with it. All options are
 * checked before anything happens; those that make no sense are named, all of them at once. Times are
 * milliseconds.
 */
export interface SyncNodeOptions<Events extends EventMap = AnyEvents> {
  /** Where this node's events live. Closed with the node. */
  readonly store: EventStore
  /** The way to the remote. Closed with the node. Absent: a node that only works locally, or has `remotes`. */
  readonly transport?: Transport<LogEvent>
  /**
   * The ways to several remotes, by name, instead of `transport`. What comes from one goes to the others.
   * Closed with the node.
   */
  readonly remotes?: Readonly<Record<string, Transport<LogEvent>>>
  /** Which of the `remotes` confirms appends, and is meant where none is named. Default: the first. */
  readonly primary?: string
  /**
   * Most events in one request. Default: a sync begins with 100, doubles while batches are quick, up to
   * 2,000, and halves when they are slow. A size that is given is kept to. The remote's limits hold anyway.
   */
  readonly batchSize?: number
  /** How long the remote may take for one call; each try has it anew. Default 30,000. */
  readonly timeout?: number
  /**
   * Calls that fail in a way that may pass are made again: 3 tries in all, after up to 100 ms, then up to
   * 200, never more than 5 s, and not before the remote's Retry-After. `false`: one try.
   */
  readonly retry?: Partial<RetryPolicy> | false
  /**
   * From one automatic sync to the next; see `startAutoSync`. Default 0: none; with `realtime` 30,000, for a
   * remote that has no stream.
   */
  readonly interval?: number
  /**
   * Automatic syncs follow the remote: what is committed there comes at once, and what is committed here goes
   * at once. Where there is no stream, the remote is asked every `interval`. Default false.
   */
  readonly realtime?: boolean
  /** Calls `startAutoSync()` right away. Default false. */
  readonly autoStart?: boolean
  /** `sync()` and automatic syncs only push. Default false. `pull()` pulls all the same. */
  readonly pushOnly?: boolean
  /** `sync()` and automatic syncs only pull. Default false. `push()` pushes all the same. */
  readonly pullOnly?: boolean
  /**
   * Which part of the log to sync, both ways. Aggregates that are not selected stay where they are; content
   * that is kept back leaves stubs, which `read` passes over. Another filter than last time fills in what may
   * be seen now, and takes nothing away. Default: everything.
   */
  readonly filter?: EventFilter<EventOf<NoInfer<Events>>>
  /**
   * What the data of events must be like, by event type: Standard Schemas, such as those of zod, valibot and
   * arktype. Checked before an append; the data is stored as it was given, not as a schema would convert
   * it. Pulled events are not checked: a replica that refused some would differ from all others.
   */
  readonly validation?: EventSchemas<Events>
  /** Whether an append may bring an event type without a schema in `validation`. Default `pass`. */
  readonly unknownTypes?: UnknownTypes
  /**
   * How data of older schema versions is read, by event type: see `Upcasters`. With this option, `append` gives
   * events their type's current version, reads answer data of it, and an event of a later one is `newer`.
   * What is stored and synced never changes. Default: schema versions mean nothing to this node.
   */
  readonly upcasters?: Upcasters<NoInfer<Events>>
  /**
   * How concurrent events are resolved: what `defineRules` of `rejoin/conflict` makes. All nodes should have
   * rules with one `hash`. Default: all events count.
   */
  readonly rules?: RuleSet
  /**
   * Read models, made with `projection` of `rejoin/projection`: kept up to date from now on. `node.project`
   * gives access to each, and takes further ones.
   */
  readonly projections?: readonly AnyProjection[]
  /** Told what operators should know. What it throws is dropped. */
  readonly logger?: Logger
  /** Told of each sync and each call to store and remote. What it throws is logged. */
  readonly metrics?: Metrics
  /** Gets checks called `storage` and `transport`, until the node is closed. What it throws is logged. */
  readonly health?: Health
  readonly runtime?: Runtime
}
