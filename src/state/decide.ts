import {
  objectOf,
  type StateChange,
  type StateObject,
  type StatePolicies,
  timeOf,
} from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import { exceedsBytes } from '../event/index.ts'
import { jsonTextOf } from '../json/json-text.ts'
import { patched } from '../json/patch/patched.ts'
import type { Operation } from './operation.ts'
import type { Absent, Expected, Kept, Stale } from './state.ts'
import type { StateClock } from './state-clock.ts'
import type { View } from './view.ts'

export interface DecideTools {
  readonly clock: StateClock
  readonly policies: StatePolicies
  /** Most bytes of one object's data. */
  readonly dataBytes: number
}

/** What a write comes to, on what stands there. */
export type Decision =
  | { readonly kind: 'changes'; readonly made: readonly Made[] }
  | { readonly kind: 'refused'; readonly result: Stale | Kept | Absent }

/** A change, and what stood there before it: an object, a tombstone, or nothing. */
export interface Made {
  readonly change: StateChange
  readonly before: StateChange | undefined
}

/** Decides one write and enters it into the view. What it throws is the caller's fault, and has no effect. */
export function decide(view: View, operation: Operation, tools: DecideTools): Decision {
  switch (operation.kind) {
    case 'clear':
      return clear(view, operation.pattern, tools)
    case 'expire': {
      const object = objectOf(view.at(operation.path))
      if (object === undefined || !operation.isDue()) return refused({ kind: 'kept', object })
      return remove(view, operation.path, tools)
    }
    case 'push':
      return put(view, freePath(view, operation, tools), operation.text, tools)
    case 'set':
    case 'patch':
    case 'delete':
    case 'update':
      return change(view, operation, tools)
  }
}

function change(
  view: View,
  operation: Exclude<Operation, { kind: 'clear' | 'push' | 'expire' }>,
  tools: DecideTools,
): Decision {
  const { path } = operation
  if (operation.kind === 'set' && operation.expected === 'any')
    return put(view, path, operation.text, tools)
  const object = objectOf(view.at(path))
  if (operation.kind === 'update') {
    const data = operation.change(object)
    if (data === undefined) return refused({ kind: 'kept', object })
    return put(view, path, jsonTextOf(data), tools)
  }
  const isAbsent = object === undefined && operation.kind !== 'set'
  if (isAbsent && isMet(operation.expected, object)) return refused({ kind: 'absent' })
  if (!isMet(operation.expected, object)) return refused({ kind: 'stale', object })
  if (operation.kind === 'delete') return remove(view, path, tools)
  const { text } = operation
  if (operation.kind === 'set' || object === undefined) return put(view, path, text, tools)
  return put(view, path, patched(operation.form, object.dataText, text), tools)
}

function put(view: View, path: string, dataText: string, tools: DecideTools): Decision {
  if (exceedsBytes(dataText, '', tools.dataBytes)) throw tooLarge(path, tools.dataBytes)
  const held = view.at(path)
  const time = tools.clock.tick(view.below(path))
  const isNew = held === undefined || held.dataText === null
  // The text that is kept anyhow: a path cut out of a request would keep that alive.
  const at = held?.path ?? path
  const times = isNew ? { created: time, updated: 0n } : { created: held.created, updated: time }
  return entered(view, { path: at, ...times, dataText, note: '' }, tools)
}

function remove(view: View, path: string, tools: DecideTools): Decision {
  return entered(view, tombstoneAt(path, view.below(path), tools), tools)
}

/** All of a list, whatever the policies of its paths say to single writes. */
function clear(view: View, pattern: string, tools: DecideTools): Decision {
  const made = view.living(pattern).map((held) => {
    const tombstone = tombstoneAt(held.path, timeOf(held), tools)
    const policy = tools.policies.of(held.path)
    const change = policy.write?.(held, tombstone) ?? tombstone
    return { change, before: held }
  })
  for (const { change } of made) view.write(change)
  return { kind: 'changes', made }
}

function tombstoneAt(path: string, above: bigint, { clock }: DecideTools): StateChange {
  const updated = clock.tick(above)
  return { path, created: 0n, updated, dataText: null, note: '' }
}

function entered(view: View, change: StateChange, { policies }: DecideTools): Decision {
  const held = view.at(change.path)
  const policy = policies.of(change.path)
  const below = held ?? view.forgotten(change.path)
  const result = policy.write === undefined ? change : policy.write(below, change)
  if (result === undefined) return refused({ kind: 'kept', object: objectOf(held) })
  view.write(result)
  return { kind: 'changes', made: [{ change: result, before: held }] }
}

/** Drawn when the call was made; somebody may have written there by name. */
function freePath(
  view: View,
  { list, path }: Extract<Operation, { kind: 'push' }>,
  { clock }: DecideTools,
): string {
  let free = path
  while (view.at(free) !== undefined) free = pushedPath(list, clock)
  return free
}

/** A path in the list that nobody else is given: the time in nanoseconds, in hex. */
export function pushedPath(list: string, clock: StateClock): string {
  return `${list.slice(0, -1)}${clock.tick().toString(16)}`
}

function isMet(expected: Expected, object: StateObject | undefined): boolean {
  if (expected === 'any') return true
  if (expected === 'none') return object === undefined
  if (object === undefined) return false
  if (expected === 'some') return true
  if (typeof expected === 'bigint') return object.updated === expected
  return object.updated === expected.updated && object.created === expected.created
}

function refused(result: Stale | Kept | Absent): Decision {
  return { kind: 'refused', result }
}

function tooLarge(path: string, limit: number): RejoinError {
  const message = `the data of ${path} has more than the ${limit} bytes that are allowed`
  const where = { operation: 'write', component: 'state' }
  return new RejoinError('too_large', message, { ...where, details: { path, limit } })
}
