import { aFunction } from '../errors/check.ts'
import { checkClosing } from '../link/closing.ts'
import type { Explanation, LinkClosing } from '../link/index.ts'
import { checkNodeOptions, checkSyncOptions, signalIn } from './check-node.ts'
import { closed } from './lifetime.ts'
import { LogNode, type ReadOptions } from './log-node.ts'
import type { SyncNodeOptions } from './node-options.ts'
import { closeParts, type NodeParts, partsOf } from './node-parts.ts'
import type { NodeLink, UnsentThere } from './remotes.ts'
import type { Direction } from './runs.ts'
import type { SyncOptions } from './sync-options.ts'
import type { SyncResult } from './sync-result.ts'
import type { AnyEvents, EventMap } from './typed-events.ts'
import { at } from './where.ts'

/**
 * A node of a fleet: append and read at any time, sync when there is a network.
 *
 * ```ts
 * const node = new SyncNode<{ NoteWritten: { text: string } }>({ store, transport })
 * await node.append([{ type: 'NoteWritten', aggregateId: 'note-1', data: { text: 'hello' } }])
 * const { ok, errors } = await node.sync()
 * ```
 *
 * All methods may be called concurrently. After `close()` they reject with `closed`.
 */
export class SyncNode<Events extends EventMap = AnyEvents> extends LogNode<Events> {
  readonly #parts: NodeParts
  #closing: Promise<NodeClosed> | undefined

  constructor(options: SyncNodeOptions<Events>) {
    checkNodeOptions(options)
    const parts = partsOf(options)
    super(parts)
    this.#parts = parts
    if (options.autoStart) this.startAutoSync()
  }

  /**
   * Pushes what the remote has not confirmed and pulls what it has, side by side; with `pushOnly` or
   * `pullOnly` only that. With several remotes: with each of them, or with the one that is named. Concurrent
   * calls share one run; what was appended before a call is in its result. Resolves with `ok: false` and the
   * errors for remote trouble; rejects for an abort, a closed node, and a node without a transport.
   */
  sync(options: RemoteSyncOptions = {}): Promise<SyncResult> {
    return this.#run(this.#parts.direction, options)
  }

  /** As `sync`, one way, whatever `pushOnly` and `pullOnly` say. */
  push(options: RemoteSyncOptions = {}): Promise<SyncResult> {
    return this.#run('push', options)
  }

  /** As `sync`, one way, whatever `pushOnly` and `pullOnly` say. */
  pull(options: RemoteSyncOptions = {}): Promise<SyncResult> {
    return this.#run('pull', options)
  }

  /**
   * Syncs by itself from now on, until `stopAutoSync()`, an abort of the signal, or `close()`. Does nothing when
   * it is on already; throws `invalid_argument` without an interval or `realtime`, or without a transport, and
   * `closed`. Waits do not keep the process alive. Results go to `subscribe`.
   *
   * At an `interval`: after one of them, and then one after the end of each sync, less up to a tenth by chance.
   * After a failure it waits longer, by a random part of what a doubling would add, up to five minutes, and as
   * long as the remote asks for; after a success the interval holds again. Refused events are no failure.
   *
   * With `realtime`: at once, and then whenever something is committed on either side. After a failure it waits
   * for a random part of two seconds, of four, and so on up to a minute.
   */
  startAutoSync(options: { readonly signal?: AbortSignal } = {}): void {
    const signal = signalIn('startAutoSync', options)
    this.#parts.lifetime.mustHold('startAutoSync')
    const { remotes, realtime } = this.#parts
    remotes.start(!realtime, signal)
  }

  /** No further sync begins by itself; one under way goes on to its end. Idempotent. */
  stopAutoSync(): void {
    this.#parts.remotes.stop()
  }

  /**
   * The network may be back: whatever automatic syncs wait for is over, as far as the remote allows. In a browser:
   * `addEventListener('online', () => node.nudge())`.
   */
  nudge(): void {
    this.#parts.remotes.nudge()
  }

  /** The links to all remotes, the primary one first: phases, statistics, and a pause for each. */
  links(): readonly NodeLink[] {
    return this.#parts.remotes.links
  }

  /**
   * What the link to a remote is doing and, if the outbox does not drain, why, since when, and when it is tried
   * again. Without a name: the primary one.
   */
  explain(remote?: string, options: ReadOptions = {}): Promise<Explanation> {
    return this.#parts.lifetime.open(async () =>
      this.#parts.remotes.explain(remote, signalIn('explain', options)),
    )
  }

  /**
   * Calls back after each sync, push or pull that was not aborted, automatic ones included, and after what came
   * or went by itself; answers with a way to stop that.
   */
  subscribe(onResult: (result: SyncResult) => void): () => void {
    aFunction('onResult', onResult, at('subscribe'))
    return this.#parts.remotes.subscribe(onResult)
  }

  /**
   * Idempotent. When automatic syncs are on and the remote was there last (or with `flush: true`), pushes what is
   * left, for `within` milliseconds at most (default 2,000). Then automatic syncs end, a sync under way is aborted,
   * transport and store are closed. Answers with what each remote has not confirmed. When a transport can't be
   * closed, the store is closed all the same, and this rejects with what the transport says.
   */
  close(closing: LinkClosing = {}): Promise<NodeClosed> {
    if (this.#closing !== undefined) return this.#closing
    checkClosing(closing, at('close'))
    // Set before anything runs: a listener to the abort may come back here.
    const { promise, resolve } = Promise.withResolvers<NodeClosed>()
    this.#closing = promise
    this.#parts.lifetime.end()
    resolve(closeParts(this.#parts, closed('sync'), closing).then((remotes) => ({ remotes })))
    return promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #run(direction: Direction, options: RemoteSyncOptions): Promise<SyncResult> {
    checkSyncOptions(options)
    this.#parts.lifetime.mustHold('sync')
    return this.#parts.remotes.sync(direction, options)
  }
}

/** How a sync is watched and called off, and with whom it is. */
export interface RemoteSyncOptions extends SyncOptions {
  /** The name of one remote. Default: all of them. */
  readonly remote?: string
}

/** What was left when a node was closed. */
export interface NodeClosed {
  readonly remotes: readonly UnsentThere[]
}
