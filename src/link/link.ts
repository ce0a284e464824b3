import { abortSignal, aFunction, fields } from '../errors/check.ts'
import type { LinkId } from '../event/index.ts'
import type { Change } from './change.ts'
import { checkClosing, closed, closeEngine, type LinkClosing } from './closing.ts'
import { Engine } from './engine.ts'
import { doing, type Explanation } from './explain.ts'
import { type CheckedSetup, checkLinkSetup, type LinkSetup, type Round } from './link-setup.ts'
import type { Unsent } from './outbox.ts'
import type { LinkPhase } from './phases.ts'
import type { LinkStatistics } from './record.ts'
import type { Greetings } from './sync-once.ts'
import type { Transition } from './transitions.ts'

/**
 * One live relation between a replica and a remote, for as long as both are there. It syncs, follows, tries
 * again and waits as src/link/phases.ts has it, and always knows why. Safe to run beside other links and other
 * processes on the same replica.
 *
 * The transport is used as it is: wrap it in `timed` and `retrying` first. Replica and transport stay open when
 * the link is closed.
 */
export class Link<C extends Change> {
  readonly name: string
  /** For `round`: to be passed on to `syncOnce`. */
  readonly greetings: Greetings<C>
  readonly #setup: CheckedSetup<C>
  readonly #engine: Engine<C>
  #closing: Promise<Unsent | undefined> | undefined

  constructor(setup: LinkSetup<C>) {
    this.#setup = checkLinkSetup(setup)
    this.#engine = new Engine(this.#setup)
    this.name = this.#setup.name
    this.greetings = this.#engine.greetings
  }

  get phase(): LinkPhase {
    return this.#engine.course.phase
  }

  /** Who the remote is; `undefined` until it was reached. */
  get peer(): LinkId | undefined {
    return this.#engine.remote.peer
  }

  /** Whether the remote takes changes at all; `undefined` until it was reached. */
  get takesPushes(): boolean | undefined {
    return this.#engine.remote.session?.takesPushes
  }

  /** The last 50 changes of phase, oldest first. */
  get transitions(): readonly Transition[] {
    return this.#engine.course.transitions.last
  }

  /** Calls back after each change of phase; answers with a way to stop that. */
  onTransition(listener: (transition: Transition) => void): () => void {
    aFunction('listener', listener, where)
    return this.#engine.course.transitions.observe(listener)
  }

  get statistics(): LinkStatistics {
    return this.#engine.record.statistics
  }

  /** Begins at once, or after one interval. Does nothing when it was started already, or is paused or closed. */
  start(options: { readonly later?: boolean } = {}): void {
    const { later = false } = fields('options', options, where, partNames)
    this.#engine.course.on(later ? 'startLater' : 'start')
  }

  /** What is under way is called off; what was moved stays moved. Idempotent. */
  stop(): void {
    this.#engine.course.on('stop')
  }

  /** As `stop`, until `resume()`; `start()` does not undo it. Nothing to a link that was not started. */
  pause(): void {
    this.#engine.course.on('pause')
  }

  resume(): void {
    this.#engine.course.on('resume')
  }

  /**
   * The network may be back. Only shortens a wait, and never below what the remote asked for; a link that is
   * live looks whether its stream is.
   */
  nudge(): void {
    this.#engine.course.on('hint')
  }

  /** One sync, whatever the phase, beside what is under way. Rejects as `syncOnce` does, and with `closed`. */
  async syncNow(signal: AbortSignal = new AbortController().signal): Promise<Round> {
    if (this.#closing !== undefined) throw closed()
    return this.heard(await this.#engine.round(signal))
  }

  /** Told of a sync that somebody else made over this link. */
  heard(round: Round): Round {
    if (this.#engine.count(round) && this.phase === 'waiting') this.nudge()
    return round
  }

  /** What it is doing and, if the outbox does not drain, why, since when, and when it is tried again. */
  async explain(signal?: AbortSignal): Promise<Explanation> {
    abortSignal(signal, where)
    const { course, remote, record, waits } = this.#engine
    const isOpen = course.phase !== 'closed'
    const unsent = isOpen ? await remote.unsent(signal) : undefined
    const parked = isOpen ? await remote.parked(signal) : []
    const { phase, since } = course
    const now = { phase, since, parked, ...(unsent && { unsent }) }
    const blocked = record.blocked(now, waits.next)
    return { ...now, remote: this.name, doing: doing[phase], ...(blocked && { blocked }) }
  }

  /** How much the remote has not confirmed; `undefined` when nobody knows. */
  async unsent(signal?: AbortSignal): Promise<Unsent | undefined> {
    abortSignal(signal, where)
    return this.#engine.remote.unsent(signal)
  }

  /**
   * Ends for good, having pushed what is left if that may be; answers with what is unsent, or `undefined` when
   * nobody knows. Idempotent.
   */
  async close(closing: LinkClosing = {}): Promise<Unsent | undefined> {
    checkClosing(closing, where)
    this.#closing ??= closeEngine(this.#engine, closing, this.#setup.runtime)
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

const where = { operation: 'link', component: 'link' }

const partNames = { later: true } as const
