import type { StateObject } from '../../contracts/index.ts'
import { JsonText, jsonTextOf } from '../../json/json-text.ts'
import type { PatchForm } from '../../json/patch/patched.ts'
import type { Runtime } from '../../runtime/index.ts'
import type { Answer } from '../../transport/http/answer.ts'
import type { Allowance } from '../../transport/http/budget.ts'
import type { HttpLimits } from '../../transport/http/limits.ts'
import { mediaType } from '../../transport/http/media.ts'
import type { PlainRequest } from '../../transport/http/plain.ts'
import { readText } from '../../transport/http/request-body.ts'
import type { State } from '../state.ts'
import type { Find } from '../state-tree.ts'
import { jsonAnswer, nothing } from './answers.ts'
import { filteredPatch } from './filtered-patch.ts'
import type { Filters, Reading } from './filters.ts'
import { asked, StateRefusal } from './refusal.ts'
import { noCluster, type ServedCluster } from './served-cluster.ts'
import { draftOf, shownList, shownObject } from './shown.ts'

export interface RestContext {
  readonly state: State
  readonly find: Find
  readonly filters: Filters
  readonly limits: HttpLimits
  readonly runtime: Runtime
  readonly beforeRead: ((path: string) => unknown) | undefined
  readonly cluster: ServedCluster
  /** First segments that are no keys here. */
  readonly reserved: readonly string[]
  /** After a write that was stored, before it is answered; `undefined`: nothing follows one. */
  readonly stored: ((object: StateObject) => Promise<void>) | undefined
}

/** A request, and what its body may take. */
export interface StateCall {
  readonly request: PlainRequest
  readonly allowance: Allowance
}

/** A request to a key. */
export interface KeyCall extends StateCall {
  readonly path: string
  readonly signal: AbortSignal
}

export type KeyMethod = (context: RestContext, call: KeyCall) => Answer | Promise<Answer>

/** What can be asked of a key, as ooo has it. What they throw becomes an error answer, and nothing is changed. */
export const keyMethods: Readonly<Record<string, KeyMethod>> = {
  GET: read,
  HEAD: read,
  POST: write,
  PATCH: patch,
  DELETE: remove,
}

/** One object that is at hand is answered at once: that is most of what is ever asked. */
function read(context: RestContext, call: KeyCall): Answer | Promise<Answer> {
  const { filters, beforeRead, cluster, find } = context
  const { path, signal } = call
  if (beforeRead !== undefined || cluster !== noCluster || path.includes('*'))
    return readAfterAsking(context, call)
  const reading = filters.reading(path)
  const found = find(path, signal)
  if (found instanceof Promise) return found.then((object) => objectAnswer(reading, object))
  return objectAnswer(reading, found)
}

function objectAnswer(reading: Reading, object: StateObject | undefined): Answer {
  const text = shownObject(reading, object)
  if (text === undefined) throw absent(reading.pattern)
  return jsonAnswer(text)
}

async function readAfterAsking(
  { state, filters, beforeRead, cluster }: RestContext,
  { path, signal }: KeyCall,
): Promise<Answer> {
  const reading = filters.reading(path)
  if (beforeRead !== undefined) await asked(() => beforeRead(path))
  if (cluster !== noCluster) await cluster.beforeRead(path)
  const text = path.includes('*')
    ? shownList(reading, await listed(state, reading, signal))
    : shownObject(reading, await state.get(path, signal))
  const headers = cluster === noCluster ? {} : await cluster.headers(path)
  if (text === undefined) throw absent(path, headers)
  return jsonAnswer(text, 200, headers)
}

function listed(
  state: State,
  { pattern, oldestFirst }: Reading,
  signal: AbortSignal,
): Promise<readonly StateObject[]> {
  return state.list(pattern, { order: oldestFirst ? 'oldest' : 'newest', signal })
}

async function write(context: RestContext, call: KeyCall): Promise<Answer> {
  const { state, filters, stored } = context
  const { path, signal } = call
  const filter = filters.hook(path, 'write')
  const text = jsonIn(await bodyOf(context, call))
  const data = filter && (await asked(() => filter(draftOf(path, text))))
  const outcome = await state.set(
    path,
    data === undefined ? text : new JsonText(jsonTextOf(data)),
    {
      signal,
    },
  )
  const object = writtenIn(outcome)
  if (stored !== undefined) await stored(object)
  return indexAnswer(object)
}

async function patch(context: RestContext, call: KeyCall): Promise<Answer> {
  const { state, filters, stored } = context
  const { path, signal, request } = call
  if (path.includes('*'))
    throw new StateRefusal(400, 'a pattern can not be patched: name one object')
  const filter = filters.hook(path, 'write')
  const form = forms[mediaType(request.headers) ?? ''] ?? 'merge'
  const change = jsonIn(await bodyOf(context, call))
  const outcome =
    filter === undefined
      ? await state.patch(path, change, { form, signal })
      : await filteredPatch({ state, filter, path, form, change, signal })
  if (outcome.kind === 'absent') throw absent(path)
  const object = writtenIn(outcome)
  if (stored !== undefined) await stored(object)
  return indexAnswer(object)
}

async function remove({ state, filters }: RestContext, { path, signal }: KeyCall): Promise<Answer> {
  const filter = filters.hook(path, 'delete')
  if (filter !== undefined) await asked(() => filter(path))
  const outcome = await state.delete(path, { signal })
  if (outcome.kind === 'absent') throw absent(path)
  if (outcome.kind !== 'deleted') throw kept(path)
  return nothing
}

function writtenIn(outcome: {
  readonly kind: string
  readonly object?: StateObject | undefined
}): StateObject {
  const { kind, object } = outcome
  if (kind !== 'written' || object === undefined) throw kept(object?.path ?? 'the object')
  return object
}

function indexAnswer({ index }: StateObject): Answer {
  return jsonAnswer(`{"index":"${index}"}`)
}

function bodyOf(context: RestContext, call: KeyCall): Promise<string> {
  const { headers } = call.request
  const coding = headers.get('content-encoding')?.trim().toLowerCase() ?? ''
  const isPacked = coding === 'gzip' || coding === 'x-gzip'
  if (!isPacked && coding !== '' && coding !== 'identity')
    throw new StateRefusal(415, 'this content encoding is not supported here (only gzip is)')
  return readText(call, context, isPacked)
}

function jsonIn(body: string): JsonText {
  if (body === '') throw new StateRefusal(400, 'the body is empty: JSON is wanted')
  return new JsonText(body)
}

function absent(path: string, headers: Readonly<Record<string, string>> = {}): StateRefusal {
  return new StateRefusal(404, `nothing stands at ${path}`, headers)
}

/** The path's policy has the last word. */
function kept(path: string): StateRefusal {
  return new StateRefusal(409, `the policy of ${path} keeps what stands there`)
}

const forms: Readonly<Record<string, PatchForm>> = {
  'application/merge-patch+json': 'merge-patch',
  'application/json-patch+json': 'json-patch',
}
