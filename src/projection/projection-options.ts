import type { LogEvent, snapshotType } from '../event/index.ts'

/** Any event type, any payload. */
export type AnyEvents = Readonly<Record<string, unknown>>

/** What a fold is given: an event as it counts, with `type` and `data` as conflicts and upcasters left them. */
export interface FoldedEvent<Type extends string = string, Data = unknown>
  extends Pick<
    LogEvent,
    'id' | 'origin' | 'stamp' | 'parents' | 'aggregateId' | 'schemaVersion' | 'metadata'
  > {
  readonly type: Type
  readonly data: Data
}

/** What a fold may use beside its arguments. */
export interface FoldTools {
  /** Whose result is folded. */
  readonly key: string
  /** Aborts when the fold has taken too long, or nobody wants it any more. */
  readonly signal: AbortSignal
}

/** Any of an application's events: `data` follows from `type`. */
export type FoldedEventOf<Events extends object> = {
  readonly [Type in keyof Events & string]: FoldedEvent<Type, Events[Type]>
}[keyof Events & string]

/**
 * The next state, from the last one and an event; `undefined`: there is no result for this key any more,
 * and a later event begins again with `initial`. Pure: called again for the same events, in other batches
 * and after a crash. The state is JSON; it is never changed in place.
 */
export type Fold<State, Event> = (
  state: State,
  event: Event,
  tools: FoldTools,
) => State | undefined | Promise<State | undefined>

/**
 * The state that a snapshot of an aggregate stands for: it comes first, in place of the events it was folded from,
 * and `state` is what there is for the key so far, mostly `initial`. As `Fold` otherwise.
 */
export type SnapshotFold<Events extends object, State> = (
  state: State,
  data: SnapshotDataOf<Events>,
  event: FoldedEvent<typeof snapshotType, SnapshotDataOf<Events>>,
) => State | undefined | Promise<State | undefined>

/** What snapshots hold; give the event map a `rejoin.snapshot` to say it. */
export type SnapshotDataOf<Events extends object> = typeof snapshotType extends keyof Events
  ? Events[typeof snapshotType]
  : unknown

/** As `Fold`, for several events in effective order; how they are cut into batches must not matter. */
export interface BatchFold<Events extends object, State> {
  /** Only these types. */
  readonly types: readonly (keyof Events & string)[]
  readonly fold: Fold<State, readonly FoldedEventOf<Events>[]>
}

/**
 * What becomes of an event whose fold throws or takes too long. `stop` (default): the projection stands
 * still, says so, and goes on when asked to. `retry`: tried again, ever more slowly. `deadLetter`: the event
 * is set aside and listed, the fold goes on without it.
 */
export type PoisonPolicy = 'stop' | 'retry' | 'deadLetter'

export interface ProjectionOptions<Events extends object, State> {
  /** `[A-Za-z0-9._-]`, at most 200 characters; where the results are kept. */
  readonly name: string
  /** A whole number above 0, default 1. A higher one folds everything anew; a lower one stands back. */
  readonly version?: number
  /**
   * Whose result an event changes; `undefined`: nobody's. Default: its aggregate's. Pure. At most 1,024
   * bytes without control characters.
   */
  readonly key?: (event: FoldedEventOf<Events>) => string | undefined
  /** The state before the first event; JSON, or what makes it for a key. */
  readonly initial: State | ((key: string) => State)
  /** By event type. Events of other types are passed over. */
  readonly on?: {
    readonly [Type in keyof Events & string]?: Fold<State, FoldedEvent<Type, Events[Type]>>
  }
  /**
   * For aggregates with snapshots; the same as `on` for `rejoin.snapshot`. Without either, a snapshot is an
   * event that can't be folded: `poison` says what becomes of it. In a batch, name it among the `types`.
   */
  readonly snapshot?: SnapshotFold<Events, State>
  /** In place of `on`. */
  readonly batch?: BatchFold<Events, State>
  /** For one call of a fold that waits. Milliseconds; default 30,000. */
  readonly timeout?: number
  /** Most events read at a time. Default 500. */
  readonly batchSize?: number
  /** Events of one key from one checkpoint to the next. Default 500. */
  readonly checkpointEvery?: number
  readonly poison?: PoisonPolicy
}
