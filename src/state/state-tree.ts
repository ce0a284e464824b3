import type { LateWrite, StateObject, StateStorage } from '../contracts/index.ts'
import { unwanted } from '../errors/check.ts'
import { didYouMean } from '../errors/did-you-mean.ts'
import type { JsonText } from '../json/json-text.ts'
import { at } from './check-calls.ts'
import type { Found, NamedState } from './named-state.ts'
import type * as api from './state.ts'
import type { StorageTrouble } from './storage-trouble.ts'

/** A tree: its main storage, and others by their names. All of them share one clock. */
export class StateTree implements api.State {
  readonly name = 'main'
  /** Most bytes of one object's data, as written to it. */
  readonly dataBytes: number
  readonly #states: ReadonlyMap<string, Named>
  readonly #main: NamedState
  #closing: Promise<void> | undefined

  constructor(states: ReadonlyMap<string, Named>, dataBytes: number) {
    this.dataBytes = dataBytes
    this.#states = states
    this.#main = (states.get('main') as Named).state
  }

  /**
   * As a tree's `get`, for who need not wait: what is at hand is no promise, and what is wrong with the call is thrown.
   * `undefined` for other states, and where something stands in front of `get` that wants to be asked.
   * @internal
   */
  static finderOf(state: api.State): Find | undefined {
    const isItself = #main in state && state.get === StateTree.prototype.get
    return isItself ? (path, signal) => state.#main.find(path, signal) : undefined
  }

  get reserved(): readonly string[] {
    return this.#main.reserved
  }

  /** Of all storages, `main` first. */
  get names(): readonly string[] {
    return [...this.#states.keys()]
  }

  /** The part of the tree that lives in the storage of that name. Throws `invalid_argument` for another. */
  storage(name: string): api.State {
    return this.#named('storage', name).state
  }

  /** What links replicate of it: the storage behind the tree's cache. Ephemeral paths are not in it. */
  replica(name = 'main'): StateStorage {
    return this.#named('replica', name).replica
  }

  /**
   * No tombstone is collected by itself as long as this says so; answers with a way to end that.
   * @internal
   */
  holdCollecting(isHeld: () => boolean): () => void {
    const ends = [...this.#states.values()].map(({ state }) => state.holdCollecting(isHeld))
    return () => {
      for (const end of ends) end()
    }
  }

  /**
   * What keeps the storage of that name from being written.
   * @internal
   */
  trouble(name = 'main'): StorageTrouble {
    return this.#named('trouble', name).trouble
  }

  get<Data = unknown>(path: string, signal?: AbortSignal): Promise<StateObject<Data> | undefined> {
    return this.#main.get<Data>(path, signal)
  }

  list<Data = unknown>(
    pattern: string,
    options?: api.ListOptions,
  ): Promise<readonly StateObject<Data>[]> {
    return this.#main.list<Data>(pattern, options)
  }

  snapshot<Data = unknown>(
    pattern: string,
    options?: api.ListOptions,
  ): Promise<api.Snapshot<Data>> {
    return this.#main.snapshot<Data>(pattern, options)
  }

  keys(options?: api.KeysOptions): Promise<api.KeyPage> {
    return this.#main.keys(options)
  }

  set<Data = unknown>(path: string, data: Data | JsonText, options?: api.WriteOptions) {
    return this.#main.set<Data>(path, data, options)
  }

  push<Data = unknown>(list: string, data: Data | JsonText, options?: api.CallOptions) {
    return this.#main.push<Data>(list, data, options)
  }

  patch<Data = unknown>(path: string, patch: unknown, options?: api.PatchOptions) {
    return this.#main.patch<Data>(path, patch, options)
  }

  delete(pattern: string, options?: api.WriteOptions) {
    return this.#main.delete(pattern, options)
  }

  update<Data = unknown>(
    path: string,
    change: (object: StateObject<Data> | undefined) => Data | JsonText | undefined,
    options?: api.CallOptions,
  ) {
    return this.#main.update<Data>(path, change, options)
  }

  write(writes: readonly api.StateWrite[], options?: api.CallOptions): Promise<api.WriteOutcome> {
    return this.#main.write(writes, options)
  }

  watch<Data = unknown>(pattern: string, signal: AbortSignal): AsyncIterable<api.Notice<Data>> {
    return this.#main.watch<Data>(pattern, signal)
  }

  observe<Data = unknown>(
    pattern: string,
    listener: (notice: api.Notice<Data>) => void,
  ): () => void {
    return this.#main.observe<Data>(pattern, listener)
  }

  changedSince(pattern: string, version: string, signal?: AbortSignal): Promise<boolean> {
    return this.#main.changedSince(pattern, version, signal)
  }

  late(options?: api.LateOptions): Promise<readonly LateWrite[]> {
    return this.#main.late(options)
  }

  restoreLate<Data = unknown>(late: LateWrite, options?: api.CallOptions) {
    return this.#main.restoreLate<Data>(late, options)
  }

  forgetLate(late: readonly LateWrite[], options?: api.CallOptions): Promise<number> {
    return this.#main.forgetLate(late, options)
  }

  /** Waits for the writes called before it, ends all watching, and closes the storages. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#states.values()].map(({ state }) => state.close()))
  }

  #named(operation: string, name: string): Named {
    const named = this.#states.get(name)
    if (named !== undefined) return named
    const meant = typeof name === 'string' ? didYouMean(name, this.names) : ''
    throw unwanted('name', name, `one of ${this.names.join(', ')}${meant}`, at(operation))
  }
}

/** Finds what stands at a path. */
export type Find = (path: string, signal: AbortSignal) => Found | Promise<Found>

/** One of its storages. */
export interface Named {
  readonly state: NamedState
  readonly replica: StateStorage
  readonly trouble: StorageTrouble
}
