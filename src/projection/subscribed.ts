import type { ProjectionSink } from '../contracts/index.ts'
import { abortSignal, fields, wholeNumber } from '../errors/check.ts'
import { RejoinError } from '../errors/index.ts'
import type { EventId, LogEvent } from '../event/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { type Cursor, start } from '../version/index.ts'
import { Draft } from './draft.ts'
import { type DeadLetter, FoldFailure } from './failure.ts'
import { positionOf } from './filling.ts'
import { FoldCall } from './fold-call.ts'
import { spaceOf } from './head.ts'
import type { CurrentMeaning } from './meaning.ts'
import { Notices } from './notices.ts'
import type { LogReader } from './reading.ts'
import type { Delivery, Subscription } from './subscription.ts'
import type { Turns } from './turns.ts'

export interface SubscriptionStatus {
  readonly name: string
  /** `stopped`: the handler threw, see `error`; `run()` tries again. `waiting`: it is tried again by itself. */
  readonly state: 'idle' | 'running' | 'waiting' | 'stopped'
  /** Everything up to here was delivered, or set aside. */
  readonly cursor: Cursor
  /** Positions of the log still to come: at least as many as entries. */
  readonly lag: bigint
  /** At most 1,000 are counted. */
  readonly deadLetters: number
  readonly error?: RejoinError
}

export interface SubscribedParts {
  readonly store: LogReader
  readonly sink: ProjectionSink
  readonly meaning: CurrentMeaning
  readonly runtime: Runtime
  readonly turns: Turns
}

/** A running subscription. */
export class Subscribed {
  readonly name: string
  readonly #subscription: Subscription
  readonly #parts: SubscribedParts

  constructor(made: Subscription, parts: SubscribedParts) {
    this.name = made.name
    this.#subscription = made
    this.#parts = parts
  }

  /**
   * Delivers all that stands in the log now, after what is under way. Rejects with what the handler throws
   * when the policy is `stop`, with what store and sink say, and when the signal aborts.
   */
  run({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    abortSignal(signal, at('run'))
    return this.#parts.turns.run(signal)
  }

  async status({ signal }: { readonly signal?: AbortSignal } = {}): Promise<SubscriptionStatus> {
    abortSignal(signal, at('status'))
    const { cursor = start } = (await this.#head(signal)).head
    const end = positionOf((await this.#parts.store.identity(signal)).end)
    const { trouble, isAtWork } = this.#parts.turns
    const resting = trouble === undefined ? 'idle' : trouble.isPassing ? 'waiting' : 'stopped'
    return {
      name: this.name,
      state: isAtWork ? 'running' : resting,
      cursor,
      lag: end - positionOf(cursor),
      deadLetters: (await this.deadLetters({ limit: 1_000, ...(signal && { signal }) })).length,
      ...(trouble && { error: trouble.error }),
    }
  }

  /** What the policy `deadLetter` has set aside, at most `limit` (default 1,000). */
  async deadLetters(
    options: { readonly limit?: number; readonly signal?: AbortSignal } = {},
  ): Promise<readonly DeadLetter[]> {
    const { limit = 1_000, signal } = fields('options', options, at('deadLetters'), callNames)
    wholeNumber('limit', limit, at('deadLetters'), { from: 1 })
    const { sink } = this.#parts
    const entries = await sink.list(this.#id, spaceOf(build, 'dead'), { limit }, signal)
    return entries.map(({ value }) => (JSON.parse(value) as SetAside).letter)
  }

  /** Delivers what was set aside once more; answers with how many went well. The others stay listed. */
  async retryDeadLetters({ signal }: { readonly signal?: AbortSignal } = {}): Promise<number> {
    abortSignal(signal, at('retryDeadLetters'))
    let delivered = 0
    await this.#parts.turns.run(signal, async (inner) => {
      const { sink, store } = this.#parts
      const space = spaceOf(build, 'dead')
      for (let after: string | undefined; ; ) {
        const range = { limit: 100, ...(after !== undefined && { after }) }
        const entries = await sink.list(this.#id, space, range, inner)
        after = entries.at(-1)?.key
        if (after === undefined) return
        for (const { key, value } of entries) {
          const { letter, kind } = JSON.parse(value) as SetAside
          const [event] = await store.fetch([letter.id as EventId], inner)
          const failure =
            event === undefined || event.stub !== null
              ? undefined
              : await this.#tell({ kind, event }, inner)
          if (failure !== undefined) continue
          await this.#drop(key, inner)
          delivered++
        }
      }
    })
    return delivered
  }

  /** There may be something new in the log. */
  wake(): void {
    this.#parts.turns.wake()
  }

  /** One turn: up to the end of the log. */
  async advance(signal: AbortSignal): Promise<void> {
    const { store, runtime } = this.#parts
    const { batchSize: count = 100 } = this.#subscription.options
    for (;;) {
      const { text, head } = await this.#begun(signal)
      const page = await store.changes(head.cursor, { count, bytes: pageBytes }, signal)
      if (page.kind === 'reset') {
        await this.#commit(text, { ...head, cursor: start, done: [] }, undefined, signal)
        continue
      }
      if (page.changes.length === 0 && !page.more) return
      const draft = new Draft(this.#parts.sink, this.#id, build, false)
      await this.#deliver(page.changes, page.cursor, { text, head, draft }, signal)
      if (!page.more) return
      await new Promise<void>((resolve) => runtime.soon(resolve))
    }
  }

  async #deliver(
    events: readonly LogEvent[],
    cursor: Cursor,
    { text, head, draft }: { text: string | undefined; head: Head; draft: Draft },
    signal: AbortSignal,
  ): Promise<void> {
    const { store, meaning } = this.#parts
    const { history } = meaning.now
    const notices = history && new Notices(store, history, draft)
    const changed = (await notices?.after(events, positionOf(cursor), signal)) ?? []
    const fresh = events.map((event) => ({ kind: 'event', event }) as const)
    const wanted = [...fresh, ...changed].filter((delivery) => this.#isWanted(delivery))
    const done = new Set(head.done)
    for (const { id, stub } of events)
      if (stub === 'erased') for (const kind of kinds) draft.put('dead', letterKey(id, kind), null)
    // What went well before the trouble is kept, or it would be told again.
    const aside = new Draft(this.#parts.sink, this.#id, build, true)
    try {
      for (const delivery of wanted) {
        const id = `${delivery.kind} ${delivery.event.id}`
        if (done.has(id)) continue
        const failure = await this.#tell(delivery, signal)
        if (failure !== undefined) this.#setAside(failure, delivery, [draft, aside])
        done.add(id)
      }
    } catch (error) {
      await this.#commit(text, { ...head, done: [...done] }, aside, undefined)
      throw error
    }
    await this.#commit(text, { ...head, cursor, done: [] }, draft, signal)
  }

  /** What the handler threw. */
  async #tell(delivery: Delivery<LogEvent>, signal: AbortSignal): Promise<FoldFailure | undefined> {
    const { handler, timeout = 30_000 } = this.#subscription.options
    signal.throwIfAborted()
    // To pass over it would be to lose it: it waits for the code that understands it.
    if (delivery.event.newer) return new FoldFailure(delivery.event, '', newer(delivery.event))
    const call = new FoldCall('', signal, this.#parts.runtime, timeout)
    try {
      const handled = handler(delivery as Delivery<never>, call)
      if (handled !== undefined) await call.inTime(handled)
      return undefined
    } catch (cause) {
      signal.throwIfAborted()
      return new FoldFailure(delivery.event, '', cause)
    }
  }

  #setAside(failure: FoldFailure, { kind, event }: Delivery<LogEvent>, drafts: readonly Draft[]) {
    if (this.#subscription.options.poison !== 'deadLetter')
      throw failure.toError(`subscription ${this.name}`)
    const entry = JSON.stringify({ letter: failure.letter, kind } satisfies SetAside)
    for (const draft of drafts) draft.put('dead', letterKey(event.id, kind), entry)
  }

  #isWanted({ event }: Delivery<LogEvent>): boolean {
    const types: readonly string[] | undefined = this.#subscription.options.types
    return event.stub === null && (types === undefined || types.includes(event.type))
  }

  async #begun(signal: AbortSignal): Promise<{ text: string | undefined; head: Head }> {
    const { text, head } = await this.#head(signal)
    if (text !== undefined) return { text, head: head as Head }
    const isLate = this.#subscription.options.from === 'now'
    const cursor = isLate ? (await this.#parts.store.identity(signal)).end : start
    const first: Head = { cursor, done: [], revision: 0 }
    await this.#commit(undefined, first, undefined, signal)
    return this.#begun(signal)
  }

  async #head(
    signal: AbortSignal | undefined,
  ): Promise<{ text: string | undefined; head: Partial<Head> }> {
    const text = await this.#parts.sink.head(this.#id, signal)
    return { text, head: text === undefined ? {} : (JSON.parse(text) as Head) }
  }

  /** When somebody else was faster, the next turn goes on from there: at least once is kept. */
  async #commit(
    expects: string | undefined,
    head: Head,
    draft: Draft | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const next = JSON.stringify({ ...head, revision: head.revision + 1 })
    const writes = draft?.writes() ?? []
    await this.#parts.sink.commit({ name: this.#id, expects, head: next, writes }, signal)
  }

  async #drop(key: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      const { text, head } = await this.#head(signal)
      const next = JSON.stringify({ ...head, revision: (head.revision ?? 0) + 1 })
      const writes = [{ space: spaceOf(build, 'dead'), key, value: null }]
      const commit = { name: this.#id, expects: text, head: next, writes }
      if (await this.#parts.sink.commit(commit, signal)) return
    }
  }

  /** Apart from projections: they may have the same name. */
  get #id(): string {
    return `subscription:${this.name}`
  }
}

interface Head {
  readonly cursor: Cursor
  /** Told of behind the cursor, when trouble came. */
  readonly done: readonly string[]
  readonly revision: number
}

interface SetAside {
  readonly letter: DeadLetter
  readonly kind: Delivery<unknown>['kind']
}

function letterKey(id: string, kind: SetAside['kind']): string {
  return `${id}\n${kind}`
}

function newer({ schemaVersion }: LogEvent): RejoinError {
  const message = `it is of schema version ${schemaVersion}, newer than this code`
  return new RejoinError('event_newer', message, at('deliver'))
}

function at(operation: string) {
  return { operation, component: 'projection' }
}

const kinds = ['event', 'superseded', 'reinstated'] as const satisfies readonly SetAside['kind'][]
/** A subscription is never made anew. */
const build = 0
const pageBytes = 1024 * 1024

const callNames = { limit: true, signal: true } as const
