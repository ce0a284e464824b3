import { type LateWrite, objectOf, type StateObject, type StateRow } from '../contracts/index.ts'
import { abortSignal, aFunction, fields, unwanted } from '../errors/check.ts'
import { JsonText } from '../json/json-text.ts'
import { at, CallChecks } from './check-calls.ts'
import type { Collecting } from './collecting.ts'
import { pushedPath } from './decide.ts'
import type { Ephemeral } from './ephemeral.ts'
import { NoticeQueue } from './notice-queue.ts'
import type { Operation } from './operation.ts'
import type { LineOutcome } from './requests.ts'
import type { Shelf } from './shelf.ts'
import type * as api from './state.ts'
import type { StateClock } from './state-clock.ts'

export interface NamedStateParts {
  readonly name: string
  readonly shelf: Shelf
  readonly ephemeral: readonly Ephemeral[]
  readonly reserved: readonly string[]
  readonly clock: StateClock
  readonly collector?: Collecting
}

/** What stands at a path. */
export type Found = StateObject | undefined

/** One named storage of a tree, with the ephemeral paths in front of it. */
export class NamedState implements api.State {
  readonly name: string
  readonly reserved: readonly string[]
  readonly #shelf: Shelf
  readonly #ephemeral: readonly Ephemeral[]
  readonly #collector: Collecting | undefined
  readonly #checks: CallChecks

  constructor({ name, shelf, ephemeral, reserved, clock, collector }: NamedStateParts) {
    this.name = name
    this.reserved = reserved
    this.#shelf = shelf
    this.#ephemeral = ephemeral
    this.#collector = collector
    this.#checks = new CallChecks(reserved, (list) => pushedPath(list, clock))
  }

  holdCollecting(isHeld: () => boolean): () => void {
    return this.#collector?.hold(isHeld) ?? (() => {})
  }

  async get<Data>(path: string, signal?: AbortSignal): Promise<StateObject<Data> | undefined> {
    const found = this.find(path, signal)
    return (found instanceof Promise ? await found : found) as StateObject<Data> | undefined
  }

  /** As `get`, for who need not wait: what is at hand is no promise, and what is wrong with the call is thrown. */
  find(path: string, signal: AbortSignal | undefined): Found | Promise<Found> {
    abortSignal(signal, at('get'))
    return this.#shelfOf(this.#checks.path('get', path)).get(path, signal)
  }

  async list<Data>(
    pattern: string,
    options?: api.ListOptions,
  ): Promise<readonly StateObject<Data>[]> {
    return (await this.snapshot<Data>(pattern, options)).objects
  }

  async snapshot<Data>(
    pattern: string,
    options: api.ListOptions = {},
  ): Promise<api.Snapshot<Data>> {
    this.#checks.list(options)
    const shelf = this.#shelfOf(this.#checks.pattern('list', pattern))
    return (await shelf.snapshot(pattern, options)) as api.Snapshot<Data>
  }

  async keys(options: api.KeysOptions = {}): Promise<api.KeyPage> {
    this.#checks.keys(options)
    const { filter = '', skip = 0, limit = 50, signal } = options
    if (filter.includes('*')) {
      const shelf = this.#shelfOf(this.#checks.pattern('keys', filter))
      const { rows } = await shelf.storage.list({ pattern: filter, order: 'path' }, signal)
      return { keys: rows.slice(skip, skip + limit).map(({ path }) => path), total: rows.length }
    }
    // Of each as much as may be needed: nobody knows whose paths come first.
    const pages = await Promise.all(
      this.#shelves().map(({ storage }, _, { length }) => {
        const page = length === 1 ? { skip, limit } : { limit: skip + limit }
        return storage.paths({ prefix: filter, ...page }, signal)
      }),
    )
    const total = pages.reduce((sum, page) => sum + page.total, 0)
    const [only] = pages
    if (pages.length === 1) return { keys: only?.paths ?? [], total }
    const keys = pages.flatMap(({ paths }) => paths).sort()
    return { keys: keys.slice(skip, skip + limit), total }
  }

  async set<Data>(
    path: string,
    data: Data | JsonText,
    options: api.WriteOptions = {},
  ): Promise<api.Written<Data> | api.Stale<Data> | api.Kept<Data>> {
    const { signal } = fields('options', options, at('set'), writeOptionNames)
    const answer = await this.#one(this.#checks.set(path, data, options), signal)
    return answer as api.Written<Data> | api.Stale<Data> | api.Kept<Data>
  }

  async push<Data>(
    list: string,
    data: Data | JsonText,
    options: api.CallOptions = {},
  ): Promise<api.Written<Data>> {
    const { signal } = fields('options', options, at('push'), callOptionNames)
    return (await this.#one(this.#checks.push(list, data), signal)) as api.Written<Data>
  }

  async patch<Data>(
    path: string,
    patch: unknown,
    options: api.PatchOptions = {},
  ): Promise<api.Written<Data> | api.Stale<Data> | api.Kept<Data> | api.Absent> {
    const { form, signal } = fields('options', options, at('patch'), patchOptionNames)
    const answer = await this.#one(this.#checks.patch(path, patch, form, options), signal)
    return answer as api.Written<Data> | api.Stale<Data> | api.Kept<Data> | api.Absent
  }

  async delete(
    pattern: string,
    options: api.WriteOptions = {},
  ): Promise<api.Deleted | api.Stale | api.Kept | api.Absent> {
    const { signal } = fields('options', options, at('delete'), writeOptionNames)
    const answer = await this.#one(this.#checks.delete(pattern, options), signal)
    return answer as api.Deleted | api.Stale | api.Kept | api.Absent
  }

  async update<Data>(
    path: string,
    change: (object: StateObject<Data> | undefined) => Data | JsonText | undefined,
    options: api.CallOptions = {},
  ): Promise<api.Written<Data> | api.Kept<Data>> {
    const { signal } = fields('options', options, at('update'), callOptionNames)
    const answer = await this.#one(this.#checks.update(path, change as never), signal)
    return answer as api.Written<Data> | api.Kept<Data>
  }

  async write(
    writes: readonly api.StateWrite[],
    options: api.CallOptions = {},
  ): Promise<api.WriteOutcome> {
    const { signal } = fields('options', options, at('write'), callOptionNames)
    abortSignal(signal, at('write'))
    return this.#write(this.#checks.write(writes), signal)
  }

  watch<Data>(pattern: string, signal: AbortSignal): AsyncIterable<api.Notice<Data>> {
    abortSignal(signal ?? null, at('watch'))
    const shelf = this.#shelfOf(this.#checks.pattern('watch', pattern))
    const queue = new NoticeQueue<Data>()
    const stop = shelf.listen(pattern, (notice) => queue.add(notice))
    return queue.read(AbortSignal.any([signal, shelf.closing]), stop)
  }

  observe<Data>(pattern: string, listener: (notice: api.Notice<Data>) => void): () => void {
    aFunction('listener', listener, at('observe'))
    return this.#shelfOf(this.#checks.pattern('observe', pattern)).listen(pattern, listener)
  }

  async changedSince(pattern: string, version: string, signal?: AbortSignal): Promise<boolean> {
    abortSignal(signal, at('changedSince'))
    const shelf = this.#shelfOf(this.#checks.pattern('changedSince', pattern))
    return shelf.changedSince(pattern, String(version), signal)
  }

  async late(options: api.LateOptions = {}): Promise<readonly LateWrite[]> {
    const { signal, ...range } = fields('options', options, at('late'), lateOptionNames)
    abortSignal(signal, at('late'))
    return this.#shelf.storage.late(range, signal)
  }

  async restoreLate<Data>(
    late: LateWrite,
    options: api.CallOptions = {},
  ): Promise<api.Written<Data> | api.Stale<Data> | api.Kept<Data>> {
    const { position, change } = fields('late', late, at('restoreLate'))
    fields('late.change', change, at('restoreLate'))
    fields('options', options, at('restoreLate'), callOptionNames)
    const data = new JsonText(change.dataText as string)
    const answer = await this.set<Data>(change.path, data, { ...options, expected: 'none' })
    if (answer.kind === 'written') await this.#shelf.storage.forgetLate([position])
    return answer
  }

  async forgetLate(late: readonly LateWrite[], options: api.CallOptions = {}): Promise<number> {
    const where = at('forgetLate')
    const { signal } = fields('options', options, where, callOptionNames)
    abortSignal(signal, where)
    if (!Array.isArray(late)) throw unwanted('late', late, 'a list of late writes', where)
    const positions = late.map((one: LateWrite) => fields('each of late', one, where).position)
    return this.#shelf.storage.forgetLate(positions, signal)
  }

  async close(): Promise<void> {
    await this.#collector?.close()
    await Promise.all(this.#ephemeral.map((one) => one.close()))
    await this.#shelf.close()
  }

  async #one(operation: Operation, signal: AbortSignal | undefined) {
    abortSignal(signal, at(operation.kind))
    const operations = [operation]
    const shelf = this.#shelfOfAll(operations)
    const outcome = await shelf.write(operations, signal)
    return outcome.kind === 'refused' ? outcome.result : resultOf(operation, outcome, 0, shelf)
  }

  async #write(
    operations: readonly Operation[],
    signal: AbortSignal | undefined,
  ): Promise<api.WriteOutcome> {
    const shelf = this.#shelfOfAll(operations)
    const outcome = await shelf.write(operations, signal)
    if (outcome.kind === 'refused') return outcome
    const results = operations.map((operation, index) => resultOf(operation, outcome, index, shelf))
    return { kind: 'written', results }
  }

  /** Whoever wants several in one commit gets one, or a refusal. */
  #shelfOfAll(operations: readonly Operation[]): Shelf {
    if (this.#ephemeral.length === 0) return this.#shelf
    const shelves = new Set<Shelf>()
    for (const one of operations)
      shelves.add(this.#shelfOf(one.kind === 'clear' ? one.pattern : one.path))
    const [shelf] = shelves
    if (shelves.size === 1) return shelf as Shelf
    const wanted = 'all in the storage, or all under one ephemeral pattern'
    throw unwanted('writes', operations, wanted, at('write'))
  }

  #shelfOf(pattern: string): Shelf {
    return this.#ephemeral.find((one) => one.covers(pattern))?.shelf ?? this.#shelf
  }

  #shelves(): readonly Shelf[] {
    return [this.#shelf, ...this.#ephemeral.map(({ shelf }) => shelf)]
  }
}

function resultOf(
  { kind }: Operation,
  outcome: Extract<LineOutcome, { kind: 'written' }>,
  index: number,
  shelf: Shelf,
): api.Written | api.Deleted {
  const rows = outcome.rows[index] as readonly StateRow[]
  const version = shelf.version(rows.at(-1)?.position ?? outcome.end)
  const isDelete = kind === 'clear' || kind === 'delete'
  if (isDelete) return { kind: 'deleted', paths: rows.map(({ path }) => path), version }
  return { kind: 'written', object: objectOf(rows[0]) as StateObject, version }
}

const callOptionNames = { signal: true } as const

const lateOptionNames = { signal: true, after: true, count: true } as const

const writeOptionNames = { expected: true, signal: true } as const

const patchOptionNames = { form: true, expected: true, signal: true } as const
