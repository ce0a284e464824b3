import type { LateWrite, StateObject } from '../contracts/index.ts'
import { fields, isSignal, type Known, oneOf, timerTime, unwanted } from '../errors/check.ts'
import type { JsonText } from '../json/json-text.ts'
import type * as api from '../state/index.ts'
import { at } from './configuration/check-options.ts'
import { beforeRead } from './freshness/before-read.ts'
import { type ConfirmOptions, confirmed } from './freshness/confirming.ts'
import type { Membership } from './membership/membership.ts'

/** How long a write is waited for. */
export interface Until {
  /**
   * `local`, the default: until it is as durable here as the storage is. `leader`: until the leader has it as well;
   * when it rejects with `timeout` or an abort, the write stands all the same.
   */
  readonly until?: 'local' | 'leader'
  /** Milliseconds that `leader` may take; default as long as it does. Refused without `leader`: nothing is waited for. */
  readonly within?: number
}

/** One storage of a cluster's server: reads ask the leader first where that is quick, writes can wait for it. */
export class ClusterState implements api.State {
  readonly name: string
  readonly #state: api.State
  readonly #membership: Membership

  constructor(name: string, membership: Membership) {
    this.name = name
    this.#state = membership.storages.get(name).state
    this.#membership = membership
  }

  async get<Data = unknown>(
    path: string,
    signal?: AbortSignal,
  ): Promise<StateObject<Data> | undefined> {
    await this.#fresh(path, signal)
    return this.#state.get<Data>(path, signal)
  }

  async list<Data = unknown>(
    pattern: string,
    options?: api.ListOptions,
  ): Promise<readonly StateObject<Data>[]> {
    await this.#fresh(pattern, options?.signal)
    return this.#state.list<Data>(pattern, options)
  }

  async snapshot<Data = unknown>(
    pattern: string,
    options?: api.ListOptions,
  ): Promise<api.Snapshot<Data>> {
    await this.#fresh(pattern, options?.signal)
    return this.#state.snapshot<Data>(pattern, options)
  }

  keys(options?: api.KeysOptions): Promise<api.KeyPage> {
    return this.#state.keys(options)
  }

  watch<Data = unknown>(pattern: string, signal: AbortSignal): AsyncIterable<api.Notice<Data>> {
    return this.#state.watch<Data>(pattern, signal)
  }

  observe<Data = unknown>(
    pattern: string,
    listener: (notice: api.Notice<Data>) => void,
  ): () => void {
    return this.#state.observe<Data>(pattern, listener)
  }

  changedSince(pattern: string, version: string, signal?: AbortSignal): Promise<boolean> {
    return this.#state.changedSince(pattern, version, signal)
  }

  late(options?: api.LateOptions): Promise<readonly LateWrite[]> {
    return this.#state.late(options)
  }

  restoreLate<Data = unknown>(late: LateWrite, options?: api.CallOptions) {
    return this.#state.restoreLate<Data>(late, options)
  }

  forgetLate(late: readonly LateWrite[], options?: api.CallOptions): Promise<number> {
    return this.#state.forgetLate(late, options)
  }

  async set<Data = unknown>(
    path: string,
    data: Data | JsonText,
    options: api.WriteOptions & Until = {},
  ): Promise<api.Written<Data> | api.Stale<Data> | api.Kept<Data>> {
    const own = checked('set', options, writeNames)
    const answer = await this.#state.set<Data>(path, data, own)
    if (answer.kind === 'written') await this.#confirm([answer.object.path], options)
    return answer
  }

  async push<Data = unknown>(
    list: string,
    data: Data | JsonText,
    options: api.CallOptions & Until = {},
  ): Promise<api.Written<Data>> {
    const own = checked('push', options, callNames)
    const answer = await this.#state.push<Data>(list, data, own)
    await this.#confirm([answer.object.path], options)
    return answer
  }

  async patch<Data = unknown>(
    path: string,
    patch: unknown,
    options: api.PatchOptions & Until = {},
  ): Promise<api.Written<Data> | api.Stale<Data> | api.Kept<Data> | api.Absent> {
    const own = checked('patch', options, patchNames)
    const answer = await this.#state.patch<Data>(path, patch, own)
    if (answer.kind === 'written') await this.#confirm([path], options)
    return answer
  }

  async delete(
    pattern: string,
    options: api.WriteOptions & Until = {},
  ): Promise<api.Deleted | api.Stale | api.Kept | api.Absent> {
    const own = checked('delete', options, writeNames)
    const answer = await this.#state.delete(pattern, own)
    if (answer.kind === 'deleted')
      await this.#confirm(answer.paths.length > mostPaths ? [pattern] : answer.paths, options)
    return answer
  }

  async update<Data = unknown>(
    path: string,
    change: (object: StateObject<Data> | undefined) => Data | JsonText | undefined,
    options: api.CallOptions & Until = {},
  ): Promise<api.Written<Data> | api.Kept<Data>> {
    const own = checked('update', options, callNames)
    const answer = await this.#state.update<Data>(path, change, own)
    if (answer.kind === 'written') await this.#confirm([path], options)
    return answer
  }

  async write(
    writes: readonly api.StateWrite[],
    options: api.CallOptions & Until = {},
  ): Promise<api.WriteOutcome> {
    const own = checked('write', options, callNames)
    const outcome = await this.#state.write(writes, own)
    if (outcome.kind === 'written')
      await this.#confirm(
        outcome.results.flatMap((one) =>
          one.kind === 'written' ? one.object.path : [...one.paths],
        ),
        options,
      )
    return outcome
  }

  async #fresh(path: string, signal: AbortSignal | undefined): Promise<void> {
    // What makes no sense is refused by the tree itself.
    if (typeof path !== 'string' || !isSignal(signal)) return
    await beforeRead(this.#membership, path, this.name, signal)
  }

  async #confirm(
    paths: readonly string[],
    { until = 'local', signal, within }: Until & api.CallOptions,
  ): Promise<void> {
    if (until === 'local') return
    const options: ConfirmOptions = { ...(signal && { signal }), ...(within && { within }) }
    await confirmed(this.#membership, paths, this.name, options)
  }
}

/** Of so many deletes it is looked whether each has gone, and not been written over before. */
const mostPaths = 1_000

/** What is not about the leader. */
function checked<Options extends api.CallOptions & Until>(
  operation: string,
  options: Options,
  known: Known<NoInfer<Options>>,
): Omit<Options, keyof Until> {
  const { until = 'local', within, ...own } = fields('options', options, at(operation), known)
  oneOf('until', until, ['local', 'leader'], at(operation))
  if (within !== undefined) {
    timerTime('within', within, at(operation))
    if (until === 'local')
      throw unwanted('within', within, "left out without until: 'leader'", at(operation))
  }
  return own
}

const callNames: Known<api.CallOptions & Until> = { signal: true, until: true, within: true }
const writeNames: Known<api.WriteOptions & Until> = { ...callNames, expected: true }
const patchNames: Known<api.PatchOptions & Until> = { ...writeNames, form: true }
