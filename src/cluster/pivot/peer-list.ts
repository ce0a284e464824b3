import { isGlob, matchesPattern, type Parked, pathProblem } from '../../contracts/index.ts'
import type { EventId } from '../../event/index.ts'
import type { PivotCalls } from './calls.ts'
import { baseOf } from './pivot-keys.ts'
import { isProblem, type WireObject, type WireProblem } from './wire-object.ts'

/** What a server of the original has under one key. */
export interface PeerList {
  readonly objects: ReadonlyMap<string, WireObject>
  /** What stands there and can't be taken. */
  readonly unreadable: readonly Parked[]
}

/** Asks for all of a key. */
export async function readPeerList(
  calls: PivotCalls,
  key: string,
  signal: AbortSignal | undefined,
): Promise<PeerList> {
  const found = await (isGlob(key) ? calls.list(key, signal) : single(calls, key, signal))
  const objects = new Map<string, WireObject>()
  const unreadable: Parked[] = []
  for (const one of found) {
    const path = isGlob(key) ? `${baseOf(key)}/${one.index}` : key
    const problem = isProblem(one) ? one.problem : problemOf(path, key)
    if (problem === undefined) objects.set(path, one as WireObject)
    else if (unreadable.length < mostUnreadable) unreadable.push(parked(path, problem))
  }
  return { objects, unreadable }
}

async function single(
  calls: PivotCalls,
  key: string,
  signal: AbortSignal | undefined,
): Promise<readonly (WireObject | WireProblem)[]> {
  const object = await calls.single(key, signal)
  return object === undefined ? [] : [object]
}

function problemOf(path: string, key: string): string | undefined {
  const problem = pathProblem(path, [])
  if (problem !== undefined) return `its path ${problem}`
  return matchesPattern(key, path) ? undefined : `it is not in ${key}`
}

function parked(path: string, problem: string): Parked {
  const id = path.slice(0, 200) as EventId
  return { id, reason: 'unreadable', message: `can't be read: ${problem}` }
}

const mostUnreadable = 100
