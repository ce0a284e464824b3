import type { LinkState } from '../contracts/index.ts'
import type { Runtime, Timer } from '../runtime/index.ts'
import { type Cursor, parseCursor, start } from '../version/index.ts'
import type { Change } from './change.ts'
import type { Session } from './session.ts'

/**
 * Whether the log that a live session talks to is the only one at the other end of its link. A copy answers under the
 * same origin: what its original pushes here, or is pushed by somebody else, moves the checkpoints of the one link
 * that both share, and is left out for the copy. Only a greeting tells, which a live session does not repeat; so
 * checkpoints that it did not move itself, and that its stream does not come to, ask for one after a while.
 */
export class Doubts {
  readonly #runtime: Pick<Runtime, 'timer'>
  readonly #streamed: { readonly pulled: Cursor }
  #pending: { readonly timer: Timer; readonly due: Promise<'due'> } | undefined
  #settled: LinkState | undefined

  /** `streamed`: how far the session's own stream has come, at any time. */
  constructor(runtime: Pick<Runtime, 'timer'>, streamed: { readonly pulled: Cursor }) {
    this.#runtime = runtime
    this.#streamed = streamed
  }

  /** Resolves when it is time to look again; `undefined` while there is no doubt. */
  get due(): Promise<'due'> | undefined {
    return this.#pending?.due
  }

  consider<C extends Change>(session: Session<C>): void {
    if (this.#pending !== undefined || !this.#areWith(session)) return
    const { promise, resolve } = Promise.withResolvers<'due'>()
    const timer = this.#runtime.timer(patience, () => resolve('due'))
    this.#pending = { timer, due: promise }
  }

  /** Once they are due: whether they have not dissolved by themselves. */
  remain<C extends Change>(session: Session<C>): boolean {
    this.end()
    return this.#areWith(session)
  }

  /** A greeting has dispelled those about these checkpoints. */
  settled(state: LinkState): void {
    this.#settled = state
  }

  end(): void {
    this.#pending?.timer.cancel()
    this.#pending = undefined
  }

  #areWith<C extends Change>({ state, confirmed }: Session<C>): boolean {
    const { pulled, received, pushed } = state
    const settled = this.#settled
    return (
      (pushed !== confirmed && pushed !== settled?.pushed) ||
      (received !== settled?.received && !this.#hasSeen(received)) ||
      (pulled !== settled?.pulled && !this.#hasSeen(pulled))
    )
  }

  /** Two logs that have parted never go on under one mark: up to there, it is the log that is streamed. */
  #hasSeen(cursor: Cursor): boolean {
    const { pulled } = this.#streamed
    if (cursor === start || cursor === pulled) return true
    const [seen, point] = [parseCursor(pulled), parseCursor(cursor)]
    return seen !== undefined && seen.mark === point?.mark && seen.position >= point.position
  }
}

/** Milliseconds: what the peer has pushed comes over its stream as well, if it is the peer who pushed it. */
const patience = 20_000
