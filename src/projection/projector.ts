import type { ProjectionSink } from '../contracts/index.ts'
import type { Logger } from '../ports/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { FoldFailure } from './failure.ts'
import { Filling, positionOf, type Target } from './filling.ts'
import { Folding } from './folding.ts'
import { type Build, type Head, kinds, parseHead, spaceOf, withBuild } from './head.ts'
import type { CurrentMeaning, Meaning } from './meaning.ts'
import type { Letter } from './pass.ts'
import type { Projection } from './projection.ts'
import type { LogReader } from './reading.ts'

export interface ProjectorOptions {
  readonly projection: Projection
  readonly store: LogReader
  readonly sink: ProjectionSink
  readonly meaning: CurrentMeaning
  /** What joins branches changes what its history says. */
  readonly mergesMatter: boolean
  readonly runtime: Runtime
  readonly logger: Logger
}

/** How far a run has come. */
export interface ProjectionProgress {
  /** Events folded in this build. */
  readonly events: number
  /** Positions of the log behind, and in all. */
  readonly done: number
  readonly total: number
}

/** Keeps one projection's builds: begins them, fills them, swaps them in and removes old ones. */
export class Projector {
  readonly #options: ProjectorOptions
  readonly #filling: Filling
  /** The meaning for which a build was begun or taken up. */
  #chosen: Meaning | undefined
  #isOutdated = false

  constructor(options: ProjectorOptions) {
    this.#options = options
    const { projection, runtime } = options
    this.#filling = new Filling({ ...options, folding: new Folding(projection, runtime) })
  }

  /** Another process has a newer version, or other rules: this one only reads. */
  get isOutdated(): boolean {
    return this.#isOutdated
  }

  async head(signal?: AbortSignal): Promise<{ text: string | undefined; head: Head }> {
    const { sink, projection } = this.#options
    const text = await sink.head(projection.name, signal)
    return { text, head: parseHead(text) }
  }

  /** Comes to the end of the log. Rejects with what a fold throws, once all before it is kept. */
  async advance(
    signal: AbortSignal,
    onProgress: (progress: ProjectionProgress) => void = () => {},
  ): Promise<void> {
    const { store, projection, runtime } = this.#options
    const total = positionOf((await store.identity(signal)).end)
    const tell = ({ cursor, events }: Build) => {
      const done = positionOf(cursor)
      onProgress({ events, done: Number(done), total: Number(done > total ? done : total) })
    }
    for (let careful = false; ; ) {
      const target = await this.#target(signal)
      if (target === undefined) return
      try {
        const filled = await this.#filling.fill(target, { careful, signal }, tell)
        if (filled === 'done') return await this.#clean(signal)
        if (filled === 'reset') await this.#begin(target.meaning, signal)
        else await new Promise<void>((resolve) => runtime.soon(resolve))
      } catch (error) {
        if (!(error instanceof FoldFailure)) throw error
        if (careful) throw error.toError(projection.name)
        careful = true
      }
    }
  }

  /** Folds everything anew; until that is done, the old result is read. */
  async rebuild(
    signal: AbortSignal,
    onProgress?: (progress: ProjectionProgress) => void,
  ): Promise<void> {
    const target = await this.#target(signal)
    if (target !== undefined) await this.#begin(target.meaning, signal)
    await this.advance(signal, onProgress)
  }

  /** Folds letters again, with what comes after them; `false` when somebody else was faster. */
  async retry(letters: readonly Letter[], signal: AbortSignal): Promise<boolean> {
    const { text, head } = await this.head(signal)
    const build = head.serving ?? head.building
    if (build === undefined || this.#isOutdated) return true
    try {
      const meaning = this.#options.meaning.now
      return await this.#filling.retry({ text, head, build, meaning }, letters, signal)
    } catch (error) {
      throw error instanceof FoldFailure ? error.toError(this.#options.projection.name) : error
    }
  }

  async #target(signal: AbortSignal): Promise<Target | undefined> {
    const { projection, logger } = this.#options
    const { version = 1 } = projection.options
    for (;;) {
      const { text, head } = await this.head(signal)
      const build = head.building ?? head.serving
      const meaning = this.#options.meaning.now
      const isFirst = this.#chosen !== meaning
      this.#chosen = meaning
      const isNewer = build === undefined || build.version < version
      const isSame = build?.version === version
      if (build !== undefined && isSame && build.rules === meaning.rules) {
        this.#isOutdated = false
        return { text, head, build, meaning }
      }
      // Of two processes with other rules, the one that came last decides.
      if (!isNewer && !(isSame && isFirst)) {
        if (!this.#isOutdated) logger.warn('a projection stands back', { name: projection.name })
        this.#isOutdated = true
        return undefined
      }
      await this.#begin(meaning, signal)
    }
  }

  async #begin({ rules }: Meaning, signal: AbortSignal): Promise<void> {
    const { sink, projection } = this.#options
    const { text: expects, head } = await this.head(signal)
    const next = JSON.stringify(withBuild(head, projection.options.version ?? 1, rules))
    // Whoever was faster has begun one as well, or has a reason not to.
    await sink.commit({ name: projection.name, expects, head: next, writes: [] }, signal)
  }

  /** Removes what old builds have left, in small commits. */
  async #clean(signal: AbortSignal): Promise<void> {
    const { sink, projection } = this.#options
    const { name } = projection
    for (;;) {
      const { text, head } = await this.head(signal)
      const [id, ...others] = head.dropping
      if (id === undefined) return
      const left = await this.#some(id, signal)
      const revision = head.revision + 1
      const dropping = left.length === 0 ? others : head.dropping
      const next = JSON.stringify({ ...head, dropping, revision })
      await sink.commit({ name, expects: text, head: next, writes: left }, signal)
    }
  }

  async #some(build: number, signal: AbortSignal) {
    const { sink, projection } = this.#options
    for (const kind of kinds) {
      const space = spaceOf(build, kind)
      const entries = await sink.list(projection.name, space, { limit: 1_000 }, signal)
      if (entries.length > 0) return entries.map(({ key }) => ({ space, key, value: null }))
    }
    return []
  }
}
