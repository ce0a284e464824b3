import type { ProjectionSink } from '../contracts/index.ts'
import {
  abortSignal,
  fields,
  type Known,
  optionalFunction,
  text,
  wholeNumber,
} from '../errors/check.ts'
import type { RejoinError } from '../errors/index.ts'
import type { EventId } from '../event/index.ts'
import type { Cursor } from '../version/index.ts'
import type { DeadLetter } from './failure.ts'
import { positionOf } from './filling.ts'
import { type Build, type Head, spaceOf } from './head.ts'
import type { Letter } from './pass.ts'
import type { Place } from './place.ts'
import type { ProjectionProgress, Projector } from './projector.ts'
import type { LogReader } from './reading.ts'
import { parseRecord } from './records.ts'
import { endOfPrefix } from './text-order.ts'
import type { Turns } from './turns.ts'

/** How a call is called off and watched. */
export interface RunOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: ProjectionProgress) => void
}

export interface ListOptions {
  /** Only keys that begin so. */
  readonly prefix?: string
  /** Only keys after this one. */
  readonly after?: string
  /** Most results; default 1,000. */
  readonly limit?: number
  readonly signal?: AbortSignal
}

export interface ProjectionStatus {
  readonly name: string
  /** Of the result that is read; 0 before there is one. */
  readonly version: number
  /**
   * `stopped`: a fold threw, see `error`; `run()` tries again. `waiting`: it is tried again by itself, see
   * `error`. `outdated`: another process has a newer version, or other rules, and this one only reads.
   */
  readonly state: 'idle' | 'running' | 'waiting' | 'stopped' | 'outdated'
  /** What of the log is in the result that is read. */
  readonly cursor: Cursor
  /** Positions of the log that are not: at least as many as entries. */
  readonly lag: bigint
  /** The result that is being made, if another one is read meanwhile. */
  readonly rebuilding?: { readonly version: number; readonly events: number; readonly lag: bigint }
  /** At most 1,000 are counted. */
  readonly deadLetters: number
  readonly error?: RejoinError
}

/** A running projection: its results, how far they go, and what is wrong. */
export class Projected<State = unknown> {
  readonly name: string
  readonly #store: LogReader
  readonly #sink: ProjectionSink
  readonly #projector: Projector
  readonly #turns: Turns

  constructor(
    name: string,
    parts: {
      readonly store: LogReader
      readonly sink: ProjectionSink
      readonly projector: Projector
      readonly turns: Turns
    },
  ) {
    this.name = name
    this.#store = parts.store
    this.#sink = parts.sink
    this.#projector = parts.projector
    this.#turns = parts.turns
  }

  /** A key's result; `undefined` when it has none. What was folded last may still be missing: see `run`. */
  async get(key: string, { signal }: { signal?: AbortSignal } = {}): Promise<State | undefined> {
    text('key', key, at('get'))
    abortSignal(signal, at('get'))
    return this.#read(async (build) => {
      const space = spaceOf(build.id, 'results')
      const [found] = await this.#sink.get(this.name, space, [key], signal)
      return parseRecord(found).state as State | undefined
    }, signal)
  }

  /** Results in the order of their keys (by code points); go on after the last key while there is `more`. */
  async list(options: ListOptions = {}): Promise<Listed<State>> {
    const {
      prefix = '',
      after,
      limit = 1_000,
      signal,
    } = fields('options', options, at('list'), listOptionNames)
    wholeNumber('limit', limit, at('list'), { from: 1 })
    abortSignal(signal, at('list'))
    const empty = { results: [], cursor: '' as Cursor, more: false }
    const listed = await this.#read(async (build) => {
      const space = spaceOf(build.id, 'results')
      const before = endOfPrefix(prefix)
      const results: { key: string; value: State }[] = []
      // No key is less than its own prefix, so the prefix by itself is the only one to look at apart.
      const [exact] = prefix === '' ? [] : await this.#sink.get(this.name, space, [prefix], signal)
      const begin = after === undefined || after < prefix ? undefined : after
      if (exact !== undefined && begin === undefined) add(results, prefix, exact)
      for (let last = begin ?? (prefix === '' ? undefined : prefix); ; ) {
        const entries = await this.#sink.list(
          this.name,
          space,
          {
            limit: limit + 1,
            ...(last !== undefined && { after: last }),
            ...(before !== undefined && { before }),
          },
          signal,
        )
        for (const { key, value } of entries) add(results, key, value)
        last = entries.at(-1)?.key
        if (results.length > limit || entries.length <= limit) break
      }
      const { cursor } = build
      return { results: results.slice(0, limit), cursor, more: results.length > limit }
    }, signal)
    return listed ?? empty
  }

  /**
   * Takes in all that stands in the log now, after what is under way. Rejects when a fold throws and the
   * policy is `stop`, with what the store or the sink says, and when the signal aborts.
   */
  run(options: RunOptions = {}): Promise<void> {
    const { signal, onProgress } = checkedRun(options, 'run')
    return this.#turns.run(signal, (inner) => this.#projector.advance(inner, onProgress))
  }

  /** Folds everything anew, as `run`. The old result is read until the new one is there. */
  rebuild(options: RunOptions = {}): Promise<void> {
    const { signal, onProgress } = checkedRun(options, 'rebuild')
    return this.#turns.run(signal, (inner) => this.#projector.rebuild(inner, onProgress))
  }

  async status({ signal }: { signal?: AbortSignal } = {}): Promise<ProjectionStatus> {
    abortSignal(signal, at('status'))
    const { head } = await this.#projector.head(signal)
    const end = positionOf((await this.#store.identity(signal)).end)
    const { building } = head
    const build = readable(head)
    const lagOf = (build: Build | undefined) => end - positionOf(build?.cursor ?? ('' as Cursor))
    const { trouble } = this.#turns
    return {
      name: this.name,
      version: build?.version ?? 0,
      state: this.#state(),
      cursor: build?.cursor ?? ('' as Cursor),
      lag: lagOf(build),
      deadLetters: (await this.deadLetters({ limit: 1_000, ...(signal && { signal }) })).length,
      ...(building &&
        building !== build && {
          rebuilding: { version: building.version, events: building.events, lag: lagOf(building) },
        }),
      ...(trouble && { error: trouble.error }),
    }
  }

  /** What the policy `deadLetter` has set aside, at most `limit` (default 1,000). */
  async deadLetters(
    options: { readonly limit?: number; readonly signal?: AbortSignal } = {},
  ): Promise<readonly DeadLetter[]> {
    const { limit = 1_000, signal } = fields('options', options, at('deadLetters'), callNames)
    wholeNumber('limit', limit, at('deadLetters'), { from: 1 })
    const entries = await this.#read(
      (build) => this.#sink.list(this.name, spaceOf(build.id, 'dead'), { limit }, signal),
      signal,
    )
    return (entries ?? []).map(({ value }) => JSON.parse(value) as DeadLetter)
  }

  /**
   * Folds what was set aside again, with all that comes after it in effective order; answers with how many
   * were tried. Those that fail once more stay listed.
   */
  async retryDeadLetters({ signal }: { signal?: AbortSignal } = {}): Promise<number> {
    abortSignal(signal, at('retryDeadLetters'))
    let tried = 0
    await this.#turns.run(signal, async (inner) => {
      for (let after: string | undefined; ; ) {
        const page = await this.#letters(after, inner)
        const last = page.at(-1)
        if (last === undefined) return
        if (!(await this.#projector.retry(page, inner))) continue
        tried += page.length
        after = `${last.key}\n${last.place}`
      }
    })
    return tried
  }

  /** There may be something new in the log. */
  wake(): void {
    this.#turns.wake()
  }

  async #letters(after: string | undefined, signal: AbortSignal): Promise<readonly Letter[]> {
    const range = { limit: 500, ...(after !== undefined && { after }) }
    const entries = await this.#read(
      (build) => this.#sink.list(this.name, spaceOf(build.id, 'dead'), range, signal),
      signal,
    )
    return (entries ?? []).map((entry): Letter => {
      const { id, key } = JSON.parse(entry.value) as DeadLetter
      return { id: id as EventId, key, place: entry.key.slice(key.length + 1) as Place }
    })
  }

  /** A result may be swapped for another, and its entries removed, while it is read. */
  async #read<T>(
    read: (build: Build) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T | undefined> {
    for (;;) {
      const build = readable((await this.#projector.head(signal)).head)
      if (build === undefined) return undefined
      const found = await read(build)
      const after = readable((await this.#projector.head(signal)).head)
      if (after?.id === build.id) return found
    }
  }

  #state(): ProjectionStatus['state'] {
    const { trouble, isAtWork } = this.#turns
    if (this.#projector.isOutdated) return 'outdated'
    if (isAtWork) return 'running'
    if (trouble === undefined) return 'idle'
    return trouble.isPassing ? 'waiting' : 'stopped'
  }
}

/** A page of results, as of one cursor of the log. */
export interface Listed<State> {
  readonly results: readonly { readonly key: string; readonly value: State }[]
  readonly cursor: Cursor
  readonly more: boolean
}

/** The first one is read while it is made: there is nothing else. */
function readable({ serving, building }: Head): Build | undefined {
  return serving ?? building
}

function add<State>(results: { key: string; value: State }[], key: string, entry: string): void {
  const { state } = parseRecord(entry)
  if (state !== undefined) results.push({ key, value: state as State })
}

function checkedRun(options: RunOptions, operation: string): RunOptions {
  const { signal, onProgress } = fields('options', options, at(operation), runOptionNames)
  abortSignal(signal, at(operation))
  optionalFunction('onProgress', onProgress, at(operation))
  return options
}

function at(operation: string) {
  return { operation, component: 'projection' }
}

const runOptionNames: Known<RunOptions> = { signal: true, onProgress: true }

const callNames = { limit: true, signal: true } as const

const listOptionNames: Known<ListOptions> = { prefix: true, after: true, limit: true, signal: true }
