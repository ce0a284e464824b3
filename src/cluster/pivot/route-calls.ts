import { isGlob, pathProblem, type StateChange } from '../../contracts/index.ts'
import type { LinkId } from '../../event/index.ts'
import type { Logger } from '../../ports/index.ts'
import { type Runtime, withDeadline } from '../../runtime/index.ts'
import { jsonAnswer } from '../../state/server/answers.ts'
import { StateRefusal } from '../../state/server/refusal.ts'
import type { Answer } from '../../transport/http/answer.ts'
import type { Allowance } from '../../transport/http/budget.ts'
import type { HttpLimits } from '../../transport/http/limits.ts'
import { readText } from '../../transport/http/request-body.ts'
import { untilAborted } from '../../transport/remote/index.ts'
import { plainAddress } from '../configuration/address.ts'
import { pivotIdentity } from './identity.ts'
import { joinDelete, joinListDelete, joinWrite } from './join.ts'
import type { PivotKey } from './pivot-keys.ts'
import type { PivotRoutesOptions, PivotRouteTally, PivotTrigger } from './route-options.ts'
import type { Shared } from './shared-keys.ts'
import { int64, isProblem, readObject, wireText } from './wire-object.ts'

export type RouteContext = Omit<PivotRoutesOptions, 'keys' | 'limits'> & {
  readonly runtime: Runtime
  readonly logger: Logger
  readonly limits: HttpLimits
  readonly counts: PivotRouteTally
  readonly shared: () => Shared
}

export interface Call {
  readonly request: Request
  readonly allowance: Allowance
  readonly signal: AbortSignal
}

export async function activity(
  { shared, mayTell, shown }: RouteContext,
  { signal }: Call,
  base: string,
): Promise<Answer> {
  const { keys, activity } = shared()
  const key = keys.withBase(base)
  if (key === undefined) throw notShared(base)
  const latest = await activity(key, signal)
  // Whoever has anything is further than this, and takes nothing over. Last of all: what came since is not told.
  if ((await mayTell?.(key.path)) === false) return jsonAnswer('{"lastEntry":0}')
  return jsonAnswer(`{"lastEntry":${shown?.(key.path, latest) ?? latest}}`)
}

export async function read(
  { shared }: RouteContext,
  { signal }: Call,
  path: string,
): Promise<Answer> {
  const key = shared().keys.read(path)
  if (key === undefined) throw notShared(path)
  const { rows } = await key.storage.list({ pattern: key.path, order: 'oldest' }, signal)
  const texts = rows.map((row) => wireText(row as StateChange & { readonly dataText: string }))
  if (isGlob(key.path)) return jsonAnswer(`[${texts.join(',')}]`)
  if (texts[0] === undefined) throw new StateRefusal(404, `nothing stands at ${key.path}`)
  return jsonAnswer(texts[0])
}

export async function write(context: RouteContext, call: Call, path: string): Promise<Answer> {
  const { counts, onNewer } = context
  const key = keyOf(context, path)
  const object = readObject(await bodyOf(context, call))
  if (isProblem(object)) throw new StateRefusal(400, `the body: ${object.problem}`)
  const { created, updated, index, dataText } = object
  const last = path.slice(path.lastIndexOf('/') + 1)
  if (index !== '' && index !== last)
    throw new StateRefusal(400, `the path ends with "${last}", and the body says "${shown(index)}"`)
  const change = { path, created, updated, dataText, note: '' }
  const { originator, via } = senderOf(context, call.request)
  const time = created > updated ? created : updated
  context.onChange?.({ path, time, originator })
  const joined = await joinWrite(key, change, via, call.signal)
  if (joined === 'stored') counts.stored++
  else counts.unchanged++
  if (joined === 'newer' && originator !== undefined) onNewer?.(key.path, originator)
  return done
}

export async function remove(context: RouteContext, call: Call, given: string): Promise<Answer> {
  const { counts } = context
  const slash = given.lastIndexOf('/')
  const time = slash < 0 ? undefined : int64(given.slice(slash + 1))
  if (time === undefined || time < 0n)
    throw new StateRefusal(
      400,
      'a delete ends with its time, in nanoseconds: …/pivot/{path}/{time}',
    )
  const path = given.slice(0, slash)
  const list = context.shared().keys.all.find((one) => isGlob(one.path) && one.path === path)
  const key = list ?? keyOf(context, path)
  const { originator, via } = senderOf(context, call.request)
  const coming = (one: string) => context.onChange?.({ path: one, time, originator })
  if (list === undefined) coming(path)
  const joined = await (list === undefined
    ? joinDelete(key, path, time, via, call.signal)
    : joinListDelete(list, time, via, call.signal, coming))
  if (joined === 'stored') counts.stored++
  else {
    counts.ignoredDeletes++
    if (originator !== undefined) context.onNewer?.(key.path, originator)
  }
  return done
}

export async function trigger(
  { onTrigger, runtime, logger }: RouteContext,
  { signal }: Call,
  what: PivotTrigger,
): Promise<Answer> {
  const nobody = new StateRefusal(400, 'this server follows nobody')
  if (onTrigger === undefined) throw nobody
  const late = () => new StateRefusal(200, '')
  try {
    // It goes on behind the answer: what a peer asked for is not called off when it has gone.
    const work = (inner: AbortSignal) => untilAborted(inner, onTrigger(what))
    if (await withDeadline(runtime, patience, signal, late, work)) return done
  } catch (error) {
    signal.throwIfAborted()
    // It was heard, and the link tries again by itself: whoever called has done its part.
    logger.info('what a peer asked for has not come to its end', { error })
    return done
  }
  throw nobody
}

function keyOf({ shared }: RouteContext, path: string): PivotKey {
  const problem = pathProblem(path, [])
  if (problem !== undefined) throw new StateRefusal(400, `the path "${shown(path)}" ${problem}`)
  const key = shared().keys.of(path)
  if (key === undefined) throw notShared(path)
  return key
}

/** Strangers share one name, or each request could make a link of its own that is kept for ever. */
function senderOf(
  { isNode, runtime }: RouteContext,
  { headers }: Request,
): { readonly originator: string | undefined; readonly via: LinkId } {
  const given = plainAddress(headers.get(originatorHeader)?.trim())
  const originator = given !== undefined && isNode?.(given) === true ? given : undefined
  return { originator, via: pivotIdentity(originator ?? 'unknown', runtime).origin }
}

async function bodyOf({ limits, runtime }: RouteContext, call: Call): Promise<string> {
  const coding = call.request.headers.get('content-encoding')?.trim().toLowerCase() ?? ''
  const isPacked = coding === 'gzip' || coding === 'x-gzip'
  if (!isPacked && coding !== '' && coding !== 'identity')
    throw new StateRefusal(415, 'this content encoding is not supported here (only gzip is)')
  const { request, allowance } = call
  const asked = { request, url: new URL(request.url), allowance }
  return readText(asked, { limits, runtime }, isPacked)
}

function notShared(path: string): StateRefusal {
  return new StateRefusal(404, `"${shown(path)}" is not shared here`)
}

function shown(text: string): string {
  return text.slice(0, 100)
}

/** Who has sent a change: a node's address, which is not called back for it. */
export const originatorHeader = 'x-pivot-originator'

const done: Answer = { status: 200, headers: {}, body: new Uint8Array() }
/** Milliseconds: a leader of the original gives up after 5,000, and takes the node for dead. */
const patience = 4_000
