import type { ProjectionSink } from '../contracts/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { type Cursor, type Position, parseCursor, readUpTo } from '../version/index.ts'
import { Draft } from './draft.ts'
import type { Folding } from './folding.ts'
import { type Build, forwarded, type Head, swapped } from './head.ts'
import type { CurrentMeaning, Meaning } from './meaning.ts'
import { type Letter, Pass } from './pass.ts'
import type { Projection } from './projection.ts'
import type { LogReader } from './reading.ts'
import { Records } from './records.ts'

export interface FillingOptions {
  readonly projection: Projection
  readonly folding: Folding
  readonly store: LogReader
  readonly sink: ProjectionSink
  readonly meaning: CurrentMeaning
  readonly mergesMatter: boolean
  readonly runtime: Runtime
}

/** A head as it was read, which of its builds is to be brought forward, and by which meaning. */
export interface Target {
  readonly text: string | undefined
  readonly head: Head
  readonly build: Build
  readonly meaning: Meaning
}

/**
 * `done`: it has come to the end of the log. `lost`: somebody else was faster, or the meaning is another one now.
 * `reset`: the log is another one.
 */
export type Filled = 'done' | 'lost' | 'reset'

/**
 * Brings a build to the end of the log, in commits of bounded size. Whatever happens between two of them, the
 * next one goes on from the last.
 */
export class Filling {
  readonly #options: FillingOptions
  #records = new Records()
  /** The head for which the records hold. */
  #known: string | undefined

  constructor(options: FillingOptions) {
    this.#options = options
  }

  /** `careful`: a commit after each page, so that one that fails holds up no earlier one. */
  async fill(
    target: Target,
    { careful, signal }: { readonly careful: boolean; readonly signal: AbortSignal },
    onCommit: (build: Build) => void,
  ): Promise<Filled> {
    const { meaning } = target
    let { text, head, build } = target
    if (this.#known !== text || text === undefined) this.#records = new Records()
    this.#known = undefined
    const isServing = head.building === undefined
    for (;;) {
      if (meaning !== this.#options.meaning.now) return 'lost'
      const slice = await this.#slice(build, meaning, careful, signal)
      if (slice === 'reset') return 'reset'
      const isOver = !slice.more
      if (isOver && isServing && slice.isEmpty) break
      build = slice.build
      head = isOver && !isServing ? swapped(head, build) : forwarded(head, build)
      const next = JSON.stringify(head)
      if (!(await this.#commit(text, next, slice.draft, signal))) return 'lost'
      text = next
      onCommit(build)
      if (isOver) break
    }
    this.#known = text
    return 'done'
  }

  /** Folds letters again, with what comes after them; `false` when somebody else was faster. */
  async retry(
    { text, head, build, meaning }: Target,
    letters: readonly Letter[],
    signal: AbortSignal,
  ): Promise<boolean> {
    this.#records = new Records()
    this.#known = undefined
    const draft = this.#draft(build)
    const pass = this.#pass(build, meaning, draft, signal)
    await pass.retry(letters, positionOf(build.cursor))
    return this.#commit(text, JSON.stringify(forwarded(head, build)), draft, signal)
  }

  async #slice(from: Build, meaning: Meaning, careful: boolean, signal: AbortSignal) {
    const { store, projection, runtime } = this.#options
    const { batchSize: count = 500 } = projection.options
    const draft = this.#draft(from)
    const pass = this.#pass(from, meaning, draft, signal)
    let build = from
    let read = 0
    for (;;) {
      const page = await store.changes(build.cursor, { count, bytes: pageBytes }, signal)
      if (page.kind === 'reset') return 'reset'
      await pass.take(page.changes, positionOf(build.cursor), positionOf(page.cursor))
      read += page.changes.length
      const { cursor, more } = page
      build = { ...build, cursor, events: from.events + read, foreign: pass.foreign }
      const isLarge = draft.size + this.#records.changed >= mostWrites || read >= mostRead
      if (!more || careful || isLarge) return { draft, build, more, isEmpty: read === 0 }
      await new Promise<void>((resolve) => runtime.soon(resolve))
    }
  }

  async #commit(
    expects: string | undefined,
    head: string,
    draft: Draft,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { sink, projection } = this.#options
    this.#records.flush(draft)
    const { name } = projection
    const isOurs = await sink.commit({ name, expects, head, writes: draft.writes() }, signal)
    if (isOurs) this.#records.trim()
    return isOurs
  }

  #draft(build: Build): Draft {
    const { sink, projection } = this.#options
    return new Draft(sink, projection.name, build.id, build.cursor === '')
  }

  #pass(build: Build, { history }: Meaning, draft: Draft, signal: AbortSignal): Pass {
    const { store, runtime, folding, mergesMatter, projection } = this.#options
    const { key, batchSize = 500, checkpointEvery = 500, poison } = projection.options
    return new Pass({
      store,
      runtime,
      folding,
      history,
      mergesMatter,
      draft,
      signal,
      checkpointEvery,
      records: this.#records,
      isIndexed: key !== undefined || history !== undefined,
      foreign: build.foreign,
      chunk: batchSize,
      setsAside: poison === 'deadLetter',
    })
  }
}

/** How far a cursor has read. */
export function positionOf(cursor: Cursor): Position {
  const point = parseCursor(cursor)
  return point === undefined ? (0n as Position) : readUpTo(point)
}

const pageBytes = 4 * 1024 * 1024
/** What one commit may hold up others with, and what a crash may cost. */
const mostWrites = 4_000
const mostRead = 50_000
