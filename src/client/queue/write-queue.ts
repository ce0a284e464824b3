import { RejoinError } from '../../errors/index.ts'
import { type Logger, tellListener } from '../../ports/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { untilAborted } from '../../transport/remote/index.ts'
import { Pause } from '../pause.ts'
import type { Absent, Deleted, Kept, Queued, Written } from '../state-client.ts'
import { at } from '../where.ts'
import type { OfflineOptions, QueuedWrite, QueueStorage } from './queue-storage.ts'

export type Outcome = Written | Deleted | Kept | Absent

export interface WriteQueueOptions extends Required<OfflineOptions> {
  readonly send: (write: QueuedWrite, signal: AbortSignal) => Promise<Outcome>
  readonly logger: Logger
  readonly runtime: Runtime
}

/**
 * Writes in one line: each is stored, sent when its turn comes, and then taken out. When one can't be sent, all
 * that wait are answered `queued`, and the line goes on after a pause.
 */
export class WriteQueue {
  readonly #options: WriteQueueOptions
  readonly #storage: QueueStorage
  readonly #pause: Pause
  readonly #end = new AbortController()
  readonly #line: Place[] = []
  #loading: Promise<void> | undefined
  #storing: Promise<unknown> = Promise.resolve()
  #turn: Promise<void> | undefined
  /** The last attempt failed: nobody is kept waiting. */
  #isAway = false
  /** Attempts so far, the one under way included. */
  #attempts = 0
  /** Being stored. */
  #reserved = 0
  #lastId = ''
  #attempt = Promise.withResolvers<void>()

  constructor(options: WriteQueueOptions) {
    this.#options = options
    this.#storage = options.storage
    this.#pause = new Pause(options.runtime)
    // Whoever writes is told.
    this.#loaded().catch(() => {})
  }

  async add(
    write: Omit<QueuedWrite, 'id'>,
    signal: AbortSignal | undefined,
  ): Promise<Outcome | Queued> {
    signal?.throwIfAborted()
    this.#end.signal.throwIfAborted()
    const waiter: Waiter = Promise.withResolvers()
    const place = await this.#store(write, waiter)
    this.#run()
    if (this.#isAway) tell(place, ({ resolve }) => resolve(queued(place.write)))
    return signal === undefined ? waiter.promise : this.#abortable(place, waiter, signal)
  }

  nudge(): void {
    this.#pause.nudge()
  }

  /** Resolves when all is sent, or an attempt has failed that began after the call: with how many wait. */
  async flush(signal: AbortSignal | undefined): Promise<number> {
    this.#end.signal.throwIfAborted()
    const ends = signal === undefined ? [this.#end.signal] : [this.#end.signal, signal]
    const ending = AbortSignal.any(ends)
    await untilAborted(ending, this.#loaded())
    const before = this.#attempts
    do {
      this.#isAway = false
      this.#run()
      this.nudge()
      while (this.#line.length > 0 && !this.#isAway)
        await untilAborted(ending, this.#attempt.promise)
      // What was under way may have met the server before it was back.
    } while (this.#line.length > 0 && this.#attempts === before)
    return this.#line.length
  }

  /** Whoever waits is told; what is stored stays. */
  async close(): Promise<void> {
    const reason = new RejoinError('closed', 'the client is closed', at('write'))
    this.#end.abort(reason)
    await this.#turn
    for (const place of this.#line) tell(place, (waiter) => waiter.reject(reason))
  }

  /** What was left by another process stands before anything new; what fails is tried again. */
  #loaded(): Promise<void> {
    this.#loading ??= this.#load().catch((cause) => {
      this.#loading = undefined
      throw RejoinError.from(cause, { ...at('write'), code: 'storage_io' })
    })
    return this.#loading
  }

  async #load(): Promise<void> {
    const writes = await this.#storage.all()
    for (const write of writes) this.#line.push({ write })
    this.#lastId = writes.at(-1)?.id ?? ''
    if (writes.length > 0) this.#isAway = true
    this.#run()
  }

  #store(write: Omit<QueuedWrite, 'id'>, waiter: Waiter): Promise<Place> {
    const { most, runtime } = this.#options
    if (this.#line.length + this.#reserved >= most) return Promise.reject(full(most))
    this.#reserved++
    // One after the other: the storage keeps their order.
    const storing = this.#storing.then(async () => {
      await this.#loaded()
      this.#lastId = idAfter(this.#lastId, runtime)
      const place: Place = { write: { id: this.#lastId, ...write }, waiter }
      await this.#storage.add(place.write)
      this.#line.push(place)
      return place
    })
    this.#storing = storing.catch(() => {})
    return storing
      .catch((cause) => {
        throw RejoinError.from(cause, { ...at('write'), code: 'storage_io' })
      })
      .finally(() => this.#reserved--)
  }
  #run(): void {
    this.#turn ??= this.#work().finally(() => {
      this.#turn = undefined
    })
  }

  async #work(): Promise<void> {
    const { signal } = this.#end
    for (;;) {
      const place = this.#line[0]
      if (place === undefined || signal.aborted) return
      const error = await this.#sent(place, signal)
      if (error === undefined) continue
      if (signal.aborted) return
      this.#isAway = true
      for (const each of this.#line) tell(each, (waiter) => waiter.resolve(queued(each.write)))
      this.#tried()
      try {
        await this.#pause.after(error, signal)
      } catch {
        return
      }
    }
  }

  /** Sends the first of the line and takes it out; answers why it could not be sent. */
  async #sent(place: Place, signal: AbortSignal): Promise<unknown> {
    place.isUnderWay = true
    this.#attempts++
    let settle: (waiter: Waiter) => void
    let refusal: RejoinError | undefined
    try {
      const outcome = await this.#options.send(place.write, signal)
      settle = (waiter) => waiter.resolve(outcome)
      refusal = lossOf(place.write, outcome)
    } catch (cause) {
      const error = RejoinError.from(cause, at('write'))
      place.isUnderWay = false
      // What has been answered `queued` waits for other credentials as well.
      const mayPass = error.retryable || (error.code === 'unauthorized' && !place.waiter)
      if (signal.aborted || mayPass) return error
      settle = (waiter) => waiter.reject(error)
      refusal = error
    }
    this.#pause.succeeded()
    this.#isAway = false
    this.#line.shift()
    await this.#removed(place)
    if (place.waiter !== undefined) tell(place, settle)
    else if (refusal !== undefined) this.#refused(place.write, refusal)
    this.#tried()
    return undefined
  }

  async #removed({ write }: Place): Promise<void> {
    try {
      await this.#storage.remove(write.id)
    } catch (error) {
      // It will be sent again after a restart: writes may come twice.
      this.#options.logger.error('a write that was sent stays queued', { path: write.path, error })
    }
  }

  #refused(write: QueuedWrite, error: RejoinError): void {
    const options = this.#options
    tellListener(
      () => options.onRefused(write, error),
      undefined,
      (thrown) => options.logger.error('an onRefused threw', { path: write.path, error: thrown }),
    )
  }

  /** Until its turn comes it can be called off. */
  async #abortable(place: Place, { promise }: Waiter, signal: AbortSignal) {
    try {
      return await untilAborted(signal, promise)
    } catch (error) {
      const position = this.#line.indexOf(place)
      if (signal.aborted && position >= 0 && !place.isUnderWay) {
        this.#line.splice(position, 1)
        await this.#removed(place)
      }
      delete place.waiter
      throw error
    }
  }

  #tried(): void {
    this.#attempt.resolve()
    this.#attempt = Promise.withResolvers()
  }
}

interface Place {
  readonly write: QueuedWrite
  waiter?: Waiter
  isUnderWay?: boolean
}

type Waiter = PromiseWithResolvers<Outcome | Queued>

function tell(place: Place, say: (waiter: Waiter) => void): void {
  const { waiter } = place
  delete place.waiter
  if (waiter !== undefined) say(waiter)
}

function queued({ path }: QueuedWrite): Queued {
  return { kind: 'queued', path }
}

/** What came of a write that its caller believes in. */
function lossOf({ kind, path }: QueuedWrite, outcome: Outcome): RejoinError | undefined {
  if (outcome.kind === 'kept')
    return new RejoinError('rejected', `the policy of ${path} keeps what stands there`, at('write'))
  if (outcome.kind === 'absent' && kind === 'patch')
    return new RejoinError('not_found', `nothing stands at ${path} any more`, at('write'))
  return undefined
}

function full(most: number): RejoinError {
  const message = `${most} writes wait already for a server that can't be reached`
  return new RejoinError('unavailable', message, { ...at('write'), details: { limit: most } })
}

/**
 * The time and a count, of one length, so that their order as text is the order of the writes; also after what
 * was written before the clock was set back.
 */
function idAfter(last: string, runtime: Runtime): string {
  const now = hex(runtime.now(), 12)
  if (now > last) return `${now}-${hex(0, 8)}`
  const [time = now, count = '0'] = last.split('-')
  return `${time}-${hex(Number.parseInt(count, 16) + 1, 8)}`
}

function hex(number: number, length: number): string {
  return Math.trunc(number).toString(16).padStart(length, '0')
}
