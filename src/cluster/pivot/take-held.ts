import { LinkedChange, type StateRow, timeOf } from '../../contracts/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { orderOf } from './compare.ts'
import { pivotIdentity } from './identity.ts'
import type { PivotKey } from './pivot-keys.ts'
import type { WireObject } from './wire-object.ts'

/** What a node of the original has under a key. */
export interface Held {
  /** By path. */
  readonly objects: ReadonlyMap<string, WireObject>
  /** As it has it: it pulls from whoever has a greater one. */
  readonly activity: bigint
}

export interface Taken {
  /** How many were new here. */
  readonly count: number
  /** The node has not all that is here, or more than that. */
  readonly differs: boolean
}

/**
 * Joins what a node of the original has with what stands here, as if it had sent it. What it has no longer tells
 * nothing: it may never have seen it.
 */
export async function takeHeld(
  { path: pattern, storage }: PivotKey,
  { objects }: Held,
  address: string,
  runtime: Pick<Runtime, 'sha256'>,
  signal: AbortSignal,
): Promise<Taken> {
  const via = pivotIdentity(address, runtime).origin
  const paths = [...objects.keys()]
  let count = 0
  for (let from = 0; from < paths.length; from += atOnce) {
    const some = paths.slice(from, from + atOnce)
    const { found } = await storage.rows(some, signal)
    const changes: LinkedChange[] = []
    some.forEach((path, at) => {
      const theirs = new LinkedChange({ path, note: '', ...(objects.get(path) as WireObject) })
      const row = found[at]?.row
      if (row === undefined || orderOf(theirs, row, runtime) > 0) changes.push(theirs)
    })
    if (changes.length === 0) continue
    const applied = await storage.apply({ via, role: 'pushed', changes }, signal)
    if (applied.kind === 'applied')
      count += applied.receipts.filter(({ kind }) => kind === 'stored').length
  }
  const { rows } = await storage.list({ pattern, order: 'path' }, signal)
  return { count, differs: rows.length !== objects.size || rows.some((row) => !has(objects, row)) }
}

function has(objects: Held['objects'], row: StateRow): boolean {
  const object = objects.get(row.path)
  return object !== undefined && timeOf(object) === timeOf(row)
}

/** Objects, in one commit. */
const atOnce = 1_000
