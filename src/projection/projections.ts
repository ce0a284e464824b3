import type { CompactionReader, EventStore, HistoryOf, ProjectionSink } from '../contracts/index.ts'
import {
  fields,
  type Known,
  optionalFunction,
  text,
  wholeNumber,
  withMethods,
} from '../errors/check.ts'
import { RejoinError } from '../errors/index.ts'
import type { LogEvent } from '../event/index.ts'
import { type Logger, silentLogger } from '../ports/index.ts'
import { type Runtime, systemRuntime } from '../runtime/index.ts'
import { Gate } from './gate.ts'
import { readersIn } from './log-readers.ts'
import type { Meaning } from './meaning.ts'
import { memorySink } from './memory-sink.ts'
import { Projected } from './projected.ts'
import { type Projection, projection } from './projection.ts'
import type { AnyEvents, ProjectionOptions } from './projection-options.ts'
import { Projector } from './projector.ts'
import { type LogReader, readingAs } from './reading.ts'
import { Subscribed } from './subscribed.ts'
import { type Subscription, type SubscriptionOptions, subscription } from './subscription.ts'
import { Turns } from './turns.ts'

export interface ProjectionsOptions {
  /** Stays its owner's. */
  readonly store: EventStore
  /** Where results are kept. Default: beside the log where the store can do that, else in memory. */
  readonly sink?: ProjectionSink
  /** What conflicts and upcasters make of an aggregate's events. Default: every event counts as it is. */
  readonly history?: HistoryOf
  /** `history` also depends on who has seen all branches of a conflict. Default `false`. */
  readonly mergesMatter?: boolean
  /** Events as the application reads them: upcast. Those that come out as `newer` are passed over. */
  readonly read?: (event: LogEvent) => LogEvent
  /** Tells rules and upcasters apart: other ones fold everything anew. Needed with `history` and `read`. */
  readonly rules?: string
  /** How many projections work at once. Default 3. */
  readonly atOnce?: number
  readonly runtime?: Runtime
  readonly logger?: Logger
}

/** The read models and subscriptions of one log. */
export class Projections {
  readonly #options: ProjectionsOptions
  readonly #sink: ProjectionSink
  readonly #store: LogReader
  readonly #gate: Gate
  readonly #meaning: { now: Meaning }
  readonly #workers = new Map<string, Worker>()
  readonly #stopping = new AbortController()
  #watching: Promise<void> | undefined
  #closing: Promise<void> | undefined

  constructor(options: ProjectionsOptions) {
    const {
      store,
      sink,
      history,
      read,
      rules,
      atOnce = 3,
    } = fields('options', options, where, projectionsOptionNames)
    withMethods('store', store, ['changes', 'entries', 'watch'], 'an open event store', where)
    if (sink !== undefined)
      withMethods('sink', sink, ['head', 'get', 'list', 'commit'], 'a projection sink', where)
    optionalFunction('history', history, where)
    optionalFunction('read', read, where)
    if (history !== undefined || read !== undefined) text('rules', rules, where)
    this.#meaning = { now: { history, rules: rules ?? '' } }
    wholeNumber('atOnce', atOnce, where, { from: 1 })
    this.#options = options
    this.#store = read === undefined ? store : readingAs(store, read)
    this.#sink = sink ?? store.projections ?? memorySink()
    this.#gate = new Gate(atOnce)
  }

  /**
   * Runs a projection; the same one gives the same again. Another one of its name throws
   * `invalid_argument`.
   */
  project<Events extends object, State>(
    given: Projection<Events, State> | ProjectionOptions<Events, State>,
  ): Projected<State> {
    const made = 'options' in given ? given : projection(given)
    return this.#worker(made.name, made, () => this.#projected(made)) as Projected<State>
  }

  /** Runs a subscription, as `project`. */
  subscribe<Events extends object = AnyEvents>(
    given: Subscription<Events> | SubscriptionOptions<Events>,
  ): Subscribed {
    const made = 'options' in given ? given : subscription(given)
    // Projections and subscriptions don't share names.
    return this.#worker(`subscription:${made.name}`, made, () =>
      this.#subscribed(made),
    ) as Subscribed
  }

  /**
   * Another meaning of the same log: all that was folded under other `rules` is folded anew, beginning with what is
   * under way; the old results are read until then. Does nothing when `rules` are those in use. Subscribers hear
   * of what counts no more when something new comes to its aggregate.
   */
  useMeaning(meaning: Meaning): void {
    const { history, rules } = fields('meaning', meaning, where, meaningNames)
    optionalFunction('history', history, where)
    text('rules', rules, where)
    if (rules === this.#meaning.now.rules) return
    this.#meaning.now = { history, rules }
    if (this.#watching !== undefined) for (const { handle } of this.#workers.values()) handle.wake()
  }

  /** The names of the projections that run. */
  get names(): readonly string[] {
    return [...this.#workers.values()].flatMap(({ handle }) =>
      handle instanceof Projected ? [handle.name] : [],
    )
  }

  /**
   * How far everybody whose results or cursors are in this sink has read the log, also those of other processes and
   * those that don't run now, where the sink knows them.
   */
  async readers(signal?: AbortSignal): Promise<readonly CompactionReader[]> {
    const names = (await this.#sink.names?.(signal)) ?? []
    return readersIn(this.#sink, [...new Set([...names, ...this.#workers.keys()])], signal)
  }

  /** From now on everything is brought up to date whenever something is committed. Idempotent. */
  start(): void {
    if (this.#closing !== undefined) throw closed()
    this.#watching ??= this.#watch()
  }

  /** Brings everything up to date once; rejects with the first error, when all have come to an end. */
  async run({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const options = signal === undefined ? {} : { signal }
    const runs = [...this.#workers.values()].map(({ handle }) => handle.run(options))
    const failed = (await Promise.allSettled(runs)).find(({ status }) => status === 'rejected')
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason
  }

  /** Idempotent. What is under way is called off; what was committed stays. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    this.#stopping.abort(closed())
    await Promise.all([...this.#workers.values()].map(({ turns }) => turns.close(closed())))
    await this.#watching
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping
    const commits = this.#options.store.watch(signal)[Symbol.asyncIterator]()
    for (;;) {
      for (const { handle } of this.#workers.values()) handle.wake()
      try {
        if ((await commits.next()).done) return
      } catch (error) {
        const { logger = silentLogger } = this.#options
        if (!signal.aborted) logger.error('projections no longer hear of commits', { error })
        return
      }
    }
  }

  #worker(id: string, made: object, make: () => Omit<Worker, 'made'>): Handle {
    if (this.#closing !== undefined) throw closed()
    const known = this.#workers.get(id)
    if (known !== undefined && known.made !== made)
      throw new RejoinError('invalid_argument', `there is another ${id} already`, where)
    if (known !== undefined) return known.handle
    const worker = { made, ...make() }
    this.#workers.set(id, worker)
    if (this.#watching !== undefined) worker.handle.wake()
    return worker.handle
  }

  #projected<Events extends object, State>(made: Projection<Events, State>) {
    const { mergesMatter = false, runtime = systemRuntime } = this.#options
    const { logger = silentLogger } = this.#options
    const store = this.#store
    const { name, options } = made
    const projector = new Projector({
      // Its folds are called with what they were written for: by the type of each event.
      projection: made as unknown as Projection,
      store,
      sink: this.#sink,
      meaning: this.#meaning,
      mergesMatter,
      runtime,
      logger,
    })
    const turns = new Turns({
      name: `projection ${name}`,
      runtime,
      logger,
      gate: this.#gate,
      work: (signal) => projector.advance(signal),
      isPassing: (error) => isPassing(error, options.poison === 'retry'),
    })
    const parts = { store, sink: this.#sink, projector, turns }
    return { turns, handle: new Projected<State>(name, parts) }
  }

  #subscribed<Events extends object>(made: Subscription<Events>) {
    const { runtime = systemRuntime, logger = silentLogger } = this.#options
    const store = this.#store
    const { name, options } = made
    const turns: Turns = new Turns({
      name: `subscription ${name}`,
      runtime,
      logger,
      // A handler may wait for a projection, and must not stand in its way.
      gate: new Gate(1),
      work: (signal) => handle.advance(signal),
      isPassing: (error) => isPassing(error, (options.poison ?? 'retry') === 'retry'),
    })
    const parts = { store, sink: this.#sink, meaning: this.#meaning, runtime, turns }
    const handle: Subscribed = new Subscribed(made as unknown as Subscription, parts)
    return { turns, handle }
  }
}

interface Handle {
  run(options: { readonly signal?: AbortSignal }): Promise<void>
  wake(): void
}

interface Worker {
  readonly made: object
  readonly turns: Turns
  readonly handle: Handle
}

/** Of what folds and handlers throw, the policy decides; of all else, the error. */
function isPassing(error: unknown, retries: boolean): boolean {
  if (!(error instanceof RejoinError)) return false
  return error.operation === 'fold' ? retries : error.retryable
}

function closed(): RejoinError {
  return new RejoinError('closed', 'the projections are closed', where)
}

const where = { operation: 'project', component: 'projection' }

const meaningNames: Known<Meaning> = { history: true, rules: true }

const projectionsOptionNames: Known<ProjectionsOptions> = {
  store: true,
  sink: true,
  history: true,
  mergesMatter: true,
  read: true,
  rules: true,
  atOnce: true,
  runtime: true,
  logger: true,
}
