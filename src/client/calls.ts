import { isGlob, type StateObject } from '../contracts/index.ts'
import { oneOf, unwanted, wholeNumber } from '../errors/check.ts'
import { RejoinError } from '../errors/index.ts'
import type { PatchForm } from '../json/patch/patched.ts'
import type { QueuedWrite } from './queue/queue-storage.ts'
import type { Outcome } from './queue/write-queue.ts'
import { notState } from './rest/failure.ts'
import { checkedJson, Malformed, readList, readObject } from './rest/read-object.ts'
import type { Requests, StateAnswer } from './rest/requests.ts'
import type { KeyPage, KeysOptions, ListOptions, Written } from './state-client.ts'
import { anyPath, at, listPath, objectPath } from './where.ts'

/** Reads and writes, one request each. */
export class StateCalls {
  readonly #requests: Requests

  constructor(requests: Requests) {
    this.#requests = requests
  }

  async get(path: string, signal?: AbortSignal): Promise<StateObject | undefined> {
    const target = `/${objectPath('get', path)}`
    const answer = await this.#requests.send(get('get', target), signal, [404])
    if (answer.status === 404) return undefined
    return read(answer, (text) => readObject(text, path))
  }

  async list(pattern: string, options: ListOptions): Promise<readonly StateObject[]> {
    const { signal, order = 'newest' } = options
    oneOf('order', order, ['newest', 'oldest'], at('list'))
    const target = `/${listPath('list', pattern)}`
    const answer = await this.#requests.send(get('list', target), signal)
    const objects = read(answer, (text) => readList(text).map((one) => objectIn(one, pattern)))
    return order === 'oldest' ? objects.toReversed() : objects
  }

  async keys({ signal, filter = '', page = 1, limit = 50 }: KeysOptions): Promise<KeyPage> {
    const where = at('keys')
    if (typeof filter !== 'string') throw unwanted('filter', filter, 'a prefix or pattern', where)
    wholeNumber('page', page, where, { from: 1 })
    wholeNumber('limit', limit, where, { from: 1, to: 500 })
    const query = new URLSearchParams({ api: 'keys', page: `${page}`, limit: `${limit}`, filter })
    const answer = await this.#requests.send(get('keys', `/?${query}`), signal)
    return read(answer, keyPage)
  }

  async push(list: string, body: string, signal?: AbortSignal): Promise<Written> {
    const request = { operation: 'push', method: 'POST', target: `/${list}`, body } as const
    return writtenAt(list, await this.#requests.send(request, signal))
  }

  async write(write: QueuedWrite, signal: AbortSignal | undefined): Promise<Outcome> {
    const { kind, path, body, form = 'merge' } = write
    const request = {
      operation: kind,
      method: methods[kind],
      target: `/${path}`,
      ...(body !== undefined && { body }),
      ...(kind === 'patch' && { type: patchTypes[form] }),
    }
    const also = kind === 'set' ? [409] : [404, 409]
    const answer = await this.#requests.send(request, signal, also)
    if (answer.status === 404) return { kind: 'absent' }
    if (answer.status === 409) return { kind: 'kept' }
    return kind === 'delete' ? { kind: 'deleted' } : writtenAt(path, answer)
  }
}

/** Throws `invalid_argument`. */
export function checkWrite({ kind, path, form = 'merge' }: Omit<QueuedWrite, 'id'>): void {
  if (kind === 'delete') anyPath(kind, path)
  else objectPath(kind, path)
  if (kind === 'patch') oneOf('form', form, ['merge', 'merge-patch', 'json-patch'], at(kind))
}

function get(operation: string, target: string) {
  return { operation, method: 'GET', target } as const
}

function read<T>({ text, asked }: StateAnswer, of: (text: string) => T): T {
  try {
    return of(checkedJson(text))
  } catch (error) {
    throw error instanceof Malformed ? notState(asked, error.message, error) : error
  }
}

function objectIn(text: string, pattern: string): StateObject {
  const object = readObject(text, pattern)
  if (object === undefined) throw new Malformed('an empty object in a list')
  return object
}

function keyPage(text: string): KeyPage {
  const { keys, total } = JSON.parse(text) as Partial<KeyPage>
  const isPage = Array.isArray(keys) && keys.every((key) => typeof key === 'string')
  if (!isPage || !Number.isSafeInteger(total)) throw new Malformed('no page of keys')
  return { keys, total: total as number }
}

function writtenAt(path: string, answer: StateAnswer): Written {
  const index = read(answer, (text) => (JSON.parse(text) as { readonly index?: unknown }).index)
  if (typeof index !== 'string') throw notState(answer.asked, 'a write is answered with an index')
  return { kind: 'written', path: isGlob(path) ? `${path.slice(0, -1)}${index}` : path, index }
}

/** What can't be sent twice without harm is not queued. */
export function mustWait(waiting: number): RejoinError {
  const message = `a JSON Patch is not queued, and ${waiting} earlier writes still wait`
  return new RejoinError('unavailable', message, at('patch'))
}

const methods = { set: 'POST', patch: 'PATCH', delete: 'DELETE' } as const

const patchTypes: Readonly<Record<PatchForm, string>> = {
  merge: 'application/json',
  'merge-patch': 'application/merge-patch+json',
  'json-patch': 'application/json-patch+json',
}
