import type { StateChange, StateRow } from '../contracts/index.ts'
import type { Position } from '../version/index.ts'
import { type DecideTools, decide, type Made } from './decide.ts'
import type { Operation } from './operation.ts'
import type { Absent, Kept, Stale } from './state.ts'
import type { View } from './view.ts'

/** A call that is in the line. */
export interface Request {
  readonly operations: readonly Operation[]
  readonly signal: AbortSignal | undefined
  begin: () => void
  readonly resolve: (outcome: LineOutcome) => void
  readonly reject: (error: unknown) => void
}

export type LineOutcome =
  /** The rows of each operation. */
  | {
      readonly kind: 'written'
      readonly rows: readonly (readonly StateRow[])[]
      readonly end: Position
    }
  | { readonly kind: 'refused'; readonly at: number; readonly result: Stale | Kept | Absent }

/** What a call comes to on a view. */
export interface Decided {
  readonly request: Request
  /** Of each operation. */
  readonly made: readonly (readonly Made[])[]
  readonly settle: (rows: readonly (readonly StateRow[])[], end: Position) => void
}

/** Decides a call and enters it into the view. */
export function decided(view: View, request: Request, tools: DecideTools): Decided {
  const { operations, resolve, reject } = request
  const nothing = { request, made: [] }
  // Several operations come all or none; a single one enters the view only when it is decided.
  const draft = operations.length > 1 ? view.fork() : view
  const made: (readonly Made[])[] = []
  try {
    for (const [at, operation] of operations.entries()) {
      const decision = decide(draft, operation, tools)
      if (decision.kind === 'refused')
        return {
          ...nothing,
          settle: () => resolve({ kind: 'refused', at, result: decision.result }),
        }
      made.push(decision.made)
    }
  } catch (error) {
    return { ...nothing, settle: () => reject(error) }
  }
  if (draft !== view) for (const { change } of made.flat()) view.write(change)
  return { request, made, settle: (rows, end) => resolve({ kind: 'written', rows, end }) }
}

export function changesOf({ made }: Decided): readonly StateChange[] {
  return joined(made).map(({ change }) => change)
}

/** Of the operations, unless one is on a whole list. */
export function pathsOf(operations: readonly Operation[]): readonly string[] | undefined {
  const paths: string[] = []
  for (const operation of operations)
    if (operation.kind === 'clear') return undefined
    else paths.push(operation.path)
  return paths
}

/** The rows of each operation, which begin there. */
export function partsOf(
  { made }: Decided,
  rows: readonly StateRow[],
  begin: number,
): readonly (readonly StateRow[])[] {
  let from = begin
  return made.map(({ length }) => {
    from += length
    return rows.slice(from - length, from)
  })
}

/** Of mostly one part. */
export function joined<T>(parts: readonly (readonly T[])[]): readonly T[] {
  return parts.length === 1 ? (parts[0] as readonly T[]) : parts.flat()
}
