import type { StateObject } from '../contracts/index.ts'
import { abortSignal, fields, type Known } from '../errors/check.ts'
import { RejoinError } from '../errors/index.ts'
import { jsonTextOf } from '../json/json-text.ts'
import type { Runtime } from '../runtime/index.ts'
import { checkWrite, mustWait, StateCalls } from './calls.ts'
import { Followed, type FollowingContext } from './live/following.ts'
import { HeldList, HeldObject, type HeldValue } from './live/held-value.ts'
import type { SubscribeOptions, Subscription } from './live/subscription.ts'
import type { OfflineOptions, QueuedWrite } from './queue/queue-storage.ts'
import { type Outcome, WriteQueue } from './queue/write-queue.ts'
import type {
  Absent,
  Deleted,
  Kept,
  KeyPage,
  KeysOptions,
  ListOptions,
  PatchOptions,
  Queued,
  StateClient,
  WriteOptions,
  Written,
} from './state-client.ts'
import { at, listPath, objectPath, pushPath } from './where.ts'

/** What `connectState` answers with. */
export class ConnectedState implements StateClient {
  readonly #context: FollowingContext
  readonly #calls: StateCalls
  readonly #queue: WriteQueue | undefined
  readonly #onClose: () => void
  readonly #followed = new Set<{ nudge(): void; close(): void }>()
  #isClosed = false

  constructor(
    context: FollowingContext,
    offline: Required<OfflineOptions> | undefined,
    onClose: () => void,
  ) {
    const { requests, logger, runtime } = context
    this.#context = context
    this.#onClose = onClose
    this.#calls = new StateCalls(requests)
    const send = (write: QueuedWrite, signal: AbortSignal) => this.#calls.write(write, signal)
    this.#queue = offline && new WriteQueue({ ...offline, send, logger, runtime })
  }

  get<Data>(path: string, signal?: AbortSignal) {
    return this.#calls.get(path, signal) as Promise<StateObject<Data> | undefined>
  }

  async list<Data>(pattern: string, options: ListOptions = {}) {
    const given = fields('options', options, at('list'), listOptionNames)
    return (await this.#calls.list(pattern, given)) as readonly StateObject<Data>[]
  }

  async keys(options: KeysOptions = {}): Promise<KeyPage> {
    return this.#calls.keys(fields('options', options, at('keys'), keysOptionNames))
  }

  async set(path: string, data: unknown, options: WriteOptions = {}) {
    const body = jsonTextOf(data)
    return this.#write<Written | Kept | Queued>({ kind: 'set', path, body }, options)
  }

  async push(list: string, data: unknown, options: WriteOptions = {}) {
    const { signal } = fields('options', options, at('push'), writeOptionNames)
    const prefix = pushPath('push', list).slice(0, -1)
    const body = jsonTextOf(data)
    if (this.#queue === undefined) return this.#calls.push(list, body, signal)
    const path = `${prefix}${drawnIndex(this.#context.runtime)}`
    return this.#write<Written | Kept | Queued>({ kind: 'set', path, body }, options)
  }

  async patch(path: string, patch: unknown, options: PatchOptions = {}) {
    const { form = 'merge', signal } = fields('options', options, at('patch'), patchOptionNames)
    abortSignal(signal, at('patch'))
    const write = { kind: 'patch', path, body: jsonTextOf(patch), form } as const
    checkWrite(write)
    if (form === 'json-patch' && this.#queue !== undefined) {
      const waiting = await this.#queue.flush(signal)
      if (waiting > 0) throw mustWait(waiting)
      return (await this.#calls.write({ id: '', ...write }, signal)) as Written | Kept | Absent
    }
    return this.#write<Written | Kept | Absent | Queued>(
      write,
      signal === undefined ? {} : { signal },
    )
  }

  async delete(pattern: string, options: WriteOptions = {}) {
    return this.#write<Deleted | Kept | Absent | Queued>({ kind: 'delete', path: pattern }, options)
  }

  subscribe<Data>(
    path: string,
    onValue?: (object: StateObject<Data> | undefined) => void,
    options?: SubscribeOptions,
  ) {
    const held = new HeldObject(objectPath('subscribe', path))
    return this.#follow(path, held as HeldValue<StateObject<Data> | undefined>, onValue, options)
  }

  subscribeList<Data>(
    pattern: string,
    onValue?: (objects: readonly StateObject<Data>[]) => void,
    options?: SubscribeOptions,
  ) {
    const held = new HeldList(listPath('subscribe', pattern))
    return this.#follow(pattern, held as HeldValue<readonly StateObject<Data>[]>, onValue, options)
  }

  nudge(): void {
    this.#queue?.nudge()
    for (const each of this.#followed) each.nudge()
  }

  async flush(signal?: AbortSignal): Promise<number> {
    abortSignal(signal, at('flush'))
    return this.#queue === undefined ? 0 : this.#queue.flush(signal)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#onClose()
    for (const each of [...this.#followed]) each.close()
    // Before the requests: a write that is cut off stays queued.
    const queue = this.#queue?.close()
    await this.#context.requests.close()
    await queue
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #write<T>(write: Omit<QueuedWrite, 'id'>, options: WriteOptions): Promise<T> {
    const { signal } = fields('options', options, at(write.kind), writeOptionNames)
    abortSignal(signal, at(write.kind))
    checkWrite(write)
    const outcome: Promise<Outcome | Queued> =
      this.#queue === undefined
        ? this.#calls.write({ id: '', ...write }, signal)
        : this.#queue.add(write, signal)
    return (await outcome) as T
  }

  #follow<Value>(
    path: string,
    held: HeldValue<Value>,
    onValue: ((value: Value) => void) | undefined,
    options: SubscribeOptions = {},
  ): Subscription<Value> {
    if (this.#isClosed) throw new RejoinError('closed', 'the client is closed', at('subscribe'))
    const onEnd = () => this.#followed.delete(followed)
    const onOpen = () => this.#queue?.nudge()
    const of = { path, held, onValue, options, onOpen, onEnd }
    const followed: Followed<Value> = new Followed(this.#context, of)
    this.#followed.add(followed)
    return followed
  }
}

/** As a server draws it, and some more: of two devices that push in one millisecond neither loses. */
function drawnIndex(runtime: Runtime): string {
  const time = (BigInt(runtime.now()) * 1_000_000n).toString(16)
  const more = [...runtime.randomBytes(6)].map((byte) => byte.toString(16).padStart(2, '0'))
  return `${time}-${more.join('')}`
}

const writeOptionNames: Known<WriteOptions> = { signal: true }

const patchOptionNames: Known<PatchOptions> = { form: true, signal: true }

const keysOptionNames: Known<KeysOptions> = { signal: true, filter: true, page: true, limit: true }

const listOptionNames: Known<ListOptions> = { signal: true, order: true }
