import { abortSignal, aFunction, fields } from '../errors/check.ts'
import { RejoinError } from '../errors/index.ts'
import type { LinkId } from '../event/index.ts'
import { silentLogger } from '../ports/index.ts'
import { type Runtime, systemRuntime, withDeadline } from '../runtime/index.ts'
import { untilAborted } from '../transport/remote/index.ts'
import { checkClosing, type LinkClosing } from './closing.ts'
import { Eras } from './eras.ts'
import { doing, type Explanation, failureIn } from './explain.ts'
import { type CheckedSetup, checkLinkSetup, type LinkSetup, type Round } from './link-setup.ts'
import { follow } from './live.ts'
import { countUnsent, type Outbox, outboxFills, type Unsent } from './outbox.ts'
import { type LinkAct, type LinkEvent, type LinkPhase, linkTable } from './phases.ts'
import { LinkRecord, type LinkStatistics } from './record.ts'
import { askedPatience } from './retrying.ts'
import { roundOf } from './round.ts'
import type { Change, Session } from './session.ts'
import type { Greetings } from './sync-once.ts'
import { type Transition, Transitions } from './transitions.ts'
import { Waits } from './waits.ts'

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
  readonly #runtime: Runtime
  readonly #waits: Waits
  readonly #record: LinkRecord
  readonly #transitions: Transitions
  readonly #eras = new Eras()
  #phase: LinkPhase = 'stopped'
  #since: number
  #session: Session<C> | undefined
  #peer: LinkId | undefined
  /** The era in which a check is under way. */
  #checking: AbortSignal | undefined
  #joined: number | undefined
  #agains = 0
  #closing: Promise<Unsent | undefined> | undefined

  constructor(setup: LinkSetup<C>) {
    const checked = checkLinkSetup(setup)
    const { runtime = systemRuntime, interval, realtime } = checked
    this.#setup = checked
    this.#runtime = runtime
    this.name = checked.name
    this.#transitions = new Transitions(checked.logger ?? silentLogger)
    this.#since = runtime.now()
    const policy = realtime
      ? { least: 0, first: 2_000, longest: 60_000 }
      : { least: interval, first: 2 * interval, longest: 5 * 60_000 }
    this.#record = new LinkRecord(runtime)
    this.#waits = new Waits({ runtime, policy, onDue: () => this.#on('due') })
    this.greetings = {
      onGreeting: () => this.#on('greets'),
      onGreeted: (session) => {
        const followed = this.#session?.peer ?? session.peer
        this.#session = session
        this.#peer = session.peer
        this.#on('greeted')
        // Beside a stream: whom it follows goes by another origin now, and so does the link.
        if (this.#phase === 'live' && session.peer !== followed) this.#again()
      },
    }
  }

  get phase(): LinkPhase {
    return this.#phase
  }

  /** Who the remote is; `undefined` until it was reached. */
  get peer(): LinkId | undefined {
    return this.#peer
  }

  /** Whether the remote takes changes at all; `undefined` until it was reached. */
  get takesPushes(): boolean | undefined {
    return this.#session?.takesPushes
  }

  /** The last 50 changes of phase, oldest first. */
  get transitions(): readonly Transition[] {
    return this.#transitions.last
  }

  /** Calls back after each change of phase; answers with a way to stop that. */
  onTransition(listener: (transition: Transition) => void): () => void {
    aFunction('listener', listener, where)
    return this.#transitions.observe(listener)
  }

  get statistics(): LinkStatistics {
    return this.#record.statistics
  }

  /** Begins at once, or after one interval. Does nothing when it was started already, or is paused or closed. */
  start(options: { readonly later?: boolean } = {}): void {
    const { later = false } = fields('options', options, where)
    this.#on(later ? 'startLater' : 'start')
  }

  /** What is under way is called off; what was moved stays moved. Idempotent. */
  stop(): void {
    this.#on('stop')
  }

  /** As `stop`, until `resume()`; `start()` does not undo it. Nothing to a link that was not started. */
  pause(): void {
    this.#on('pause')
  }

  resume(): void {
    this.#on('resume')
  }

  /**
   * The network may be back. Only shortens a wait, and never below what the remote asked for; a link that is
   * live looks whether its stream is.
   */
  nudge(): void {
    this.#on('hint')
  }

  /** One sync, whatever the phase, beside what is under way. Rejects as `syncOnce` does, and with `closed`. */
  async syncNow(signal: AbortSignal = new AbortController().signal): Promise<Round> {
    if (this.#closing !== undefined) throw closed()
    return this.heard(await this.#round(signal))
  }

  /** Told of a sync that somebody else made over this link. */
  heard(round: Round): Round {
    if (this.#count(round) && this.#phase === 'waiting') this.#on('hint')
    return round
  }

  /** What it is doing and, if the outbox does not drain, why, since when, and when it is tried again. */
  async explain(signal?: AbortSignal): Promise<Explanation> {
    abortSignal(signal, where)
    const { replica } = this.#setup
    const isOpen = this.#phase !== 'closed'
    const unsent = isOpen ? await this.unsent(signal) : undefined
    const parked =
      isOpen && this.#peer !== undefined ? (await replica.link(this.#peer, signal)).parked : []
    const phase = this.#phase
    const now = { phase, since: this.#since, parked, ...(unsent && { unsent }) }
    const blocked = this.#record.blocked(now, this.#waits.next)
    return { ...now, remote: this.name, doing: doing[phase], ...(blocked && { blocked }) }
  }

  /** How much the remote has not confirmed; `undefined` when nobody knows. */
  async unsent(signal?: AbortSignal): Promise<Unsent | undefined> {
    abortSignal(signal, where)
    const peer = this.#peer ?? (await this.#setup.guessPeer?.(signal))
    return peer === undefined ? undefined : countUnsent(this.#outbox(peer), signal)
  }

  /**
   * Ends for good, having pushed what is left if that may be; answers with what is unsent, or `undefined` when
   * nobody knows. Idempotent.
   */
  async close(closing: LinkClosing = {}): Promise<Unsent | undefined> {
    checkClosing(closing, where)
    this.#closing ??= this.#close(closing)
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close({ flush, within = 2_000 }: LinkClosing): Promise<Unsent | undefined> {
    const count = () => this.unsent().catch(() => undefined)
    // What never ran and was never there has nothing to tell, and is not worth a look at the log.
    const knows = this.#peer !== undefined || this.#phase !== 'stopped'
    let unsent = this.#phase === 'closed' || !knows ? undefined : await count()
    const isDrained = unsent?.count === 0 && !unsent.more
    if (
      (flush ?? (runs[this.#phase] && this.#record.wasThere)) &&
      !isDrained &&
      this.#phase !== 'closed'
    ) {
      await this.#within(within, (signal) => this.#round(signal))
      unsent = await count()
    }
    this.#on('close')
    await this.#within(within, () => this.#eras.ended())
    return unsent
  }

  /** Waits for work that may fail, but no longer than that. */
  async #within(ms: number, work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    const inTime = (signal: AbortSignal) => untilAborted(signal, work(signal))
    await withDeadline(this.#runtime, ms, undefined, closed, inTime).catch(() => {})
  }

  #on(event: LinkEvent, error?: RejoinError): void {
    const outcome = linkTable[this.#phase][event]
    if (outcome === 'ignored') return
    const from = this.#phase
    const { to, act } = outcome
    this.#phase = to
    if (from !== to) {
      this.#since = this.#runtime.now()
      const code = error && { code: error.code }
      this.#transitions.add({ at: this.#since, from, to, event, ...code })
      // A listener may have asked for something else.
      if (this.#phase !== to) return
    }
    this.#acts[act](error)
  }

  readonly #acts: Readonly<Record<LinkAct, (error?: RejoinError) => void>> = {
    nothing: () => {},
    rest: () => this.#callOff(),
    attempt: () => {
      this.#callOff()
      this.#waits.attempt()
      this.#work((signal) => this.#attempt(signal))
    },
    pollLater: () => {
      this.#callOff()
      this.#waits.forgetFailures()
      this.#waits.about(this.#setup.interval)
      if (this.#setup.realtime && this.#setup.directions.push && this.#session?.takesPushes)
        this.#work((signal) => this.#watchOutbox(signal))
    },
    retryLater: (error) => {
      this.#callOff()
      this.#waits.afterFailure(askedPatience(error))
    },
    shorten: () => this.#waits.shorten(),
    guard: () => this.#waits.about(this.#setup.guard),
    check: () => {
      if (this.#checking === this.#eras.current) return
      this.#checking = this.#eras.current
      this.#waits.attempt()
      this.#work((signal) => this.#check(signal))
    },
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    const failure = await this.#synced(signal)
    if (signal.aborted) return
    if (failure !== undefined) {
      this.#fail(failure)
      return
    }
    const session = this.#session
    if (session !== undefined && this.#setup.realtime && this.#setup.directions.pull) {
      const end = await this.#follow(session, signal)
      if (signal.aborted) return
      if (end === 'again') {
        this.#again()
        return
      }
    }
    this.#on('drained')
  }

  /** Beside the stream: whatever it brings that the stream did not, is here then. */
  async #check(signal: AbortSignal): Promise<void> {
    const failure = await this.#synced(signal)
    if (signal.aborted) return
    this.#checking = undefined
    if (failure === undefined) this.#on('drained')
    else this.#fail(failure)
  }

  async #synced(signal: AbortSignal): Promise<RejoinError | undefined> {
    const round = await this.#round(signal)
    // A round that is shared is told of by whoever shares it.
    if (this.#setup.round === undefined) this.#count(round)
    return failureIn(round.errors)
  }

  #follow(session: Session<C>, signal: AbortSignal) {
    const { replica, transport, batch, adapts, filter, directions, timeout } = this.#setup
    const { logger = silentLogger, onMoved } = this.#setup
    const runtime = this.#runtime
    let began = runtime.monotonic()
    this.#joined = undefined
    return follow(session, {
      setup: { replica, transport, batch, adapts, filter, logger, runtime, signal },
      pushes: directions.push,
      timeout,
      news: {
        onJoined: () => {
          this.#joined = runtime.monotonic()
          this.#record.joined()
          this.#on('joined')
        },
        onPage: () => {
          this.#record.page()
          this.#on('remotePage')
        },
        onCommit: () => {
          began = runtime.monotonic()
          this.#on('localCommit')
        },
        onMoved: (moved) => {
          this.#record.moved(moved)
          onMoved?.(moved, runtime.monotonic() - began)
          began = runtime.monotonic()
        },
      },
    })
  }

  async #watchOutbox(signal: AbortSignal): Promise<void> {
    const peer = this.#session?.peer
    if (peer === undefined) return
    for await (const _ of outboxFills(this.#outbox(peer), signal)) {
      if (signal.aborted) return
      this.#on('localCommit')
    }
  }

  #round(signal: AbortSignal): Promise<Round> {
    return roundOf(this.#setup, this.#runtime, this.greetings, signal)
  }

  /** One side says again and again that it is not what the other took it for: that is trouble, too. */
  #again(): void {
    this.#agains = this.#hasLasted() ? 0 : this.#agains + 1
    if (this.#agains <= mostAgains) {
      this.#on('again')
      return
    }
    const words = 'the remote and this replica kept finding each other changed'
    this.#fail(new RejoinError('unsettled', words, where))
  }

  #fail(error: RejoinError): void {
    if (error.code === 'closed') {
      this.#on('close', error)
      return
    }
    // A stream that breaks right after it began each time must not bring the waits back to the shortest.
    if (this.#phase === 'live' && this.#hasLasted()) this.#waits.forgetFailures()
    this.#record.failed(error)
    this.#on('failed', error)
  }

  #hasLasted(): boolean {
    return this.#joined !== undefined && this.#runtime.monotonic() - this.#joined >= steady
  }

  #count(round: Round): boolean {
    const isWell = this.#record.round(round)
    if (isWell) this.#waits.forgetPatience()
    return isWell
  }

  #outbox(peer: LinkId | 'none'): Outbox<C> {
    const { replica, filter } = this.#setup
    return { replica, peer, filter }
  }

  #work(work: (signal: AbortSignal) => Promise<void>): void {
    this.#eras.begin(work, (cause) => this.#fail(RejoinError.from(cause, where)))
  }

  #callOff(): void {
    this.#waits.cancel()
    this.#eras.callOff()
  }
}

/** In these phases the remote was there last, and a link that closes tries to push. */
const runs: Readonly<Record<LinkPhase, boolean>> = {
  stopped: false,
  greeting: true,
  syncing: true,
  live: true,
  polling: true,
  waiting: false,
  paused: false,
  closed: false,
}

function closed(): RejoinError {
  return new RejoinError('closed', 'this link is closed', where)
}

const where = { operation: 'link', component: 'link' }
/** Milliseconds after which a stream counts as one that works. */
const steady = 10_000
const mostAgains = 5
