import { unwanted } from '../errors/check.ts'
import { RejoinError } from '../errors/index.ts'
import type { LogEvent } from '../event/index.ts'
import type { Explanation, Link, LinkClosing, LinkProgress, Unsent } from '../link/index.ts'
import type { Remote } from './remote.ts'
import type { Direction } from './runs.ts'
import type { SyncOptions } from './sync-options.ts'
import type { SyncResult } from './sync-result.ts'
import { at } from './where.ts'

/** A link as a node shows it. Starting and closing it is the node's. */
export type NodeLink = Pick<
  Link<LogEvent>,
  | 'name'
  | 'phase'
  | 'statistics'
  | 'transitions'
  | 'onTransition'
  | 'explain'
  | 'pause'
  | 'resume'
  | 'nudge'
>

/** What one remote had not confirmed when its node was closed. */
export interface UnsentThere {
  readonly remote: string
  /** Absent: nobody knows, the remote was not reached. */
  readonly unsent?: Unsent
}

/** All remotes of a node, the primary one first. */
export class Remotes {
  readonly #all: readonly Remote[]
  readonly #syncsByItself: boolean
  #forget: (() => void) | undefined

  constructor(all: readonly Remote[], syncsByItself: boolean) {
    this.#all = all
    this.#syncsByItself = syncsByItself
  }

  get links(): readonly NodeLink[] {
    return this.#all.map(({ link }) => link)
  }

  /** The one of that name; without a name, the primary one. */
  named(name: string | undefined, operation: string): Remote {
    const found = name === undefined ? this.#all[0] : this.#all.find((one) => one.name === name)
    if (found !== undefined) return found
    if (name === undefined) throw misuse(operation, 'this node has no transport')
    const names = this.#all.map((one) => JSON.stringify(one.name)).join(' or ')
    throw unwanted('remote', name, names === '' ? 'left out: there is none' : names, at(operation))
  }

  explain(name: string | undefined, signal?: AbortSignal): Promise<Explanation> {
    return this.named(name, 'explain').link.explain(signal)
  }

  /** With one remote, or with all of them side by side: then the result is that of all together. */
  async sync(
    direction: Direction,
    { remote, ...options }: SyncOptions & { readonly remote?: string },
  ): Promise<SyncResult> {
    const first = this.named(remote, 'sync')
    if (remote !== undefined || this.#all.length === 1) return first.runs.join(direction, options)
    const progress = new Map<Remote, LinkProgress>()
    const syncs = this.#all.map((one) => {
      const onProgress = (moved: LinkProgress) => {
        progress.set(one, moved)
        options.onProgress?.(total([...progress.values()]))
      }
      return one.runs.join(direction, options.onProgress ? { ...options, onProgress } : options)
    })
    // All of them first: what one rejects with must not leave another one unawaited.
    const ends = await Promise.allSettled(syncs)
    const failed = ends.find((one) => one.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    return together(ends.map((one) => (one as PromiseFulfilledResult<SyncResult>).value))
  }

  subscribe(listener: (result: SyncResult) => void): () => void {
    const forgets = this.#all.map(({ runs }) => runs.subscribe(listener))
    return () => {
      for (const forget of forgets) forget()
    }
  }

  /** Every link begins to work by itself, until `stop()` or an abort. Does nothing when they do. */
  start(later: boolean, signal: AbortSignal | undefined): void {
    this.named(undefined, 'startAutoSync')
    if (!this.#syncsByItself) {
      const words = 'give the node an interval, milliseconds above 0, to sync at, or realtime: true'
      throw misuse('startAutoSync', words)
    }
    signal?.throwIfAborted()
    if (this.#forget !== undefined) return
    const stop = () => this.stop()
    signal?.addEventListener('abort', stop, { once: true })
    this.#forget = () => signal?.removeEventListener('abort', stop)
    for (const { link } of this.#all) link.start({ later })
  }

  stop(): void {
    this.#forget?.()
    this.#forget = undefined
    for (const { link } of this.#all) link.stop()
  }

  nudge(): void {
    for (const { link } of this.#all) link.nudge()
  }

  async close(reason: unknown, closing: LinkClosing): Promise<readonly UnsentThere[]> {
    this.#forget?.()
    const ends = this.#all.map(async (one) => {
      const unsent = await one.close(reason, closing)
      return { remote: one.name, ...(unsent && { unsent }) }
    })
    return Promise.all(ends)
  }
}

function together(results: readonly SyncResult[]): SyncResult {
  const sum = (of: (result: SyncResult) => number) => results.reduce((n, one) => n + of(one), 0)
  const { remote: _, ...primary } = results[0] as SyncResult
  return {
    ...primary,
    ok: results.every(({ ok }) => ok),
    ...total(results),
    conflictsResolved: sum((one) => one.conflictsResolved),
    conflictsToReview: sum((one) => one.conflictsToReview),
    otherRules: [...new Set(results.flatMap(({ otherRules }) => otherRules))],
    errors: results.flatMap(({ errors }) => errors),
    startedAt: Math.min(...results.map(({ startedAt }) => startedAt)),
    duration: Math.max(...results.map(({ duration }) => duration)),
  }
}

function total(all: readonly LinkProgress[]): LinkProgress {
  return all.reduce<LinkProgress>(
    (sum, { pushed, pulled }) => ({ pushed: sum.pushed + pushed, pulled: sum.pulled + pulled }),
    { pushed: 0, pulled: 0 },
  )
}

function misuse(operation: string, message: string): RejoinError {
  return new RejoinError('invalid_argument', message, at(operation))
}
