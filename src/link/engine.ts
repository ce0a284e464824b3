import { RejoinError } from '../errors/index.ts'
import type { Runtime } from '../runtime/index.ts'
import type { Change } from './change.ts'
import { Course, type LinkActs } from './course.ts'
import { Eras } from './eras.ts'
import { failureIn } from './explain.ts'
import type { LiveEnd } from './following.ts'
import { Healing } from './healing.ts'
import type { CheckedSetup, Round } from './link-setup.ts'
import { follow } from './live.ts'
import { newsOf } from './news.ts'
import type { Outcome } from './outcome.ts'
import { LinkRecord } from './record.ts'
import { RemoteEnd } from './remote-end.ts'
import type { Moved } from './result.ts'
import { askedPatience } from './retrying.ts'
import { roundOf } from './round.ts'
import { Scanned } from './scanned.ts'
import type { Session } from './session.ts'
import { Steadiness } from './steadiness.ts'
import type { Greetings } from './sync-once.ts'
import { Waits } from './waits.ts'

/** What a link does by itself: carries out what its table says, and tells the table what came of it. */
export class Engine<C extends Change> {
  readonly course: Course
  readonly remote: RemoteEnd<C>
  readonly record: LinkRecord
  readonly waits: Waits
  readonly greetings: Greetings<C> & { readonly scanned: Scanned } = {
    scanned: new Scanned(),
    onGreeting: () => this.course.on('greets'),
    onGreeted: (session) => {
      const isAnother = this.remote.greeted(session)
      this.course.on('greeted')
      // Beside a stream: whom it follows goes by another origin now, and so does the link.
      if (this.course.phase === 'live' && isAnother) this.#again()
    },
  }
  readonly #setup: CheckedSetup<C>
  readonly #runtime: Runtime
  readonly #eras = new Eras()
  readonly #steadiness: Steadiness
  readonly #healing: Healing<C>
  /** The era in which a check is under way. */
  #checking: AbortSignal | undefined

  constructor(setup: CheckedSetup<C>) {
    const { runtime, logger, interval, realtime } = setup
    this.#setup = setup
    this.#runtime = runtime
    this.#steadiness = new Steadiness(runtime)
    this.course = new Course(this.#acts, runtime, logger)
    this.remote = new RemoteEnd(setup, this.greetings.scanned)
    this.record = new LinkRecord(runtime)
    const policy = realtime
      ? { least: 0, first: 2_000, longest: 60_000 }
      : { least: interval, first: 2 * interval, longest: 5 * 60_000 }
    this.waits = new Waits({ runtime, policy, onDue: () => this.course.on('due') })
    this.#healing = new Healing(this.remote, this.waits, runtime)
  }

  /** One sync; who asked for it tells what came of it. */
  round(signal: AbortSignal): Promise<Round> {
    return roundOf(this.#setup, this.greetings, signal)
  }

  /** A sync has ended; answers whether it went well. */
  count(round: Round): boolean {
    const isWell = this.record.round(round)
    if (isWell) this.waits.forgetPatience()
    return isWell
  }

  /** Resolves when all that was begun has ended. */
  ended(): Promise<void> {
    return this.#eras.ended()
  }

  get #acts(): LinkActs {
    return {
      nothing: () => {},
      rest: () => this.#callOff(),
      attempt: () => {
        this.#callOff()
        this.waits.attempt()
        this.#work((signal) => this.#attempt(signal))
      },
      pollLater: () => {
        this.#callOff()
        this.waits.forgetFailures()
        this.waits.about(this.#setup.interval)
        const { realtime, directions } = this.#setup
        if (realtime && directions.push && this.remote.session?.takesPushes)
          this.#work((era) => this.remote.watchOutbox(() => this.course.on('localCommit'), era))
      },
      retryLater: (error) => {
        this.#callOff()
        this.waits.afterFailure(askedPatience(error))
      },
      shorten: () => this.waits.shorten(),
      guard: () => {
        this.waits.about(this.#setup.guard)
        this.#work((era) => this.#healing.begun(era))
      },
      check: () => {
        if (this.#checking === this.#eras.current) return
        this.#checking = this.#eras.current
        this.waits.attempt()
        this.#work((signal) => this.#check(signal))
      },
    }
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    const failure = await this.#synced(signal)
    if (signal.aborted) return
    if (failure !== undefined) {
      this.#fail(failure)
      return
    }
    const { session } = this.remote
    if (session !== undefined && this.#setup.realtime && this.#setup.directions.pull) {
      const end = await this.#follow(session, signal)
      if (signal.aborted) return
      if (end === 'again') {
        this.#again()
        return
      }
    }
    this.course.on('drained')
  }

  /** Beside the stream: whatever it brings that the stream did not, is here then. */
  async #check(signal: AbortSignal): Promise<void> {
    const failure = await this.#synced(signal)
    if (signal.aborted) return
    this.#checking = undefined
    if (failure === undefined) this.course.on('drained')
    else this.#fail(failure)
  }

  async #synced(signal: AbortSignal): Promise<RejoinError | undefined> {
    const round = await this.round(signal)
    // A round that is shared is told of by whoever shares it.
    if (this.#setup.round === undefined) this.count(round)
    return failureIn(round.errors)
  }

  #follow(session: Session<C>, signal: AbortSignal): Promise<LiveEnd> {
    const { replica, transport, batch, adapts, filter, directions, timeout } = this.#setup
    const { logger } = this.#setup
    const onMoved = (moved: Moved, duration: number) => {
      if (moved.refused > 0) this.#work((era) => this.#healing.refused(era))
      this.#setup.onMoved?.(moved, duration)
    }
    const { course, record } = this
    const { scanned } = this.greetings
    const [runtime, steadiness] = [this.#runtime, this.#steadiness]
    steadiness.asked()
    const aside = (work: (era: AbortSignal) => Promise<Outcome>) => {
      // Whoever heard of it may have stopped the link.
      if (course.phase !== 'live') return
      this.#work(async (era) => {
        if ((await work(era)) === 'again' && !era.aborted) this.#again()
      })
    }
    return follow(session, {
      setup: { replica, transport, batch, adapts, filter, logger, runtime, scanned, signal },
      pushes: directions.push,
      timeout,
      news: newsOf({ session, course, record, steadiness, onMoved, runtime, aside }),
    })
  }

  /** One side says again and again that it is not what the other took it for: that is trouble, too. */
  #again(): void {
    if (!this.#steadiness.again()) {
      this.course.on('again')
      return
    }
    const words = 'the remote and this replica kept finding each other changed'
    this.#fail(new RejoinError('unsettled', words, where))
  }

  #fail(error: RejoinError): void {
    if (error.code === 'closed') {
      this.course.on('close', error)
      return
    }
    // A stream that breaks right after it began each time must not bring the waits back to the shortest.
    if (this.course.phase === 'live' && this.#steadiness.hasLasted) this.waits.forgetFailures()
    this.record.failed(error)
    this.course.on('failed', error)
  }

  #work(work: (signal: AbortSignal) => Promise<void>): void {
    this.#eras.begin(work, (cause) => this.#fail(RejoinError.from(cause, where)))
  }

  #callOff(): void {
    this.waits.cancel()
    this.#eras.callOff()
  }
}

const where = { operation: 'link', component: 'link' }
