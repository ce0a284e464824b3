import type { ProjectionSink } from '../contracts/index.ts'
import type { Cursor } from '../version/index.ts'
import { parseHead } from './head.ts'

/** A result that is kept in a sink, for those who haven't its folds at hand. */
export interface KeptBuild {
  readonly version: number
  /** What tells the rules and upcasters apart by which it was folded. */
  readonly rules: string
  /** How far the log is folded. */
  readonly cursor: Cursor
  /** Events folded in another result, which is to take its place. */
  readonly rebuilding?: number
}

/** `undefined` for a name under which nothing is kept. */
export async function keptBuild(
  sink: ProjectionSink,
  name: string,
  signal?: AbortSignal,
): Promise<KeptBuild | undefined> {
  const { serving, building } = parseHead(await sink.head(name, signal))
  const read = serving ?? building
  if (read === undefined) return undefined
  const { version, rules, cursor } = read
  const isReplaced = building !== undefined && building !== read
  return { version, rules, cursor, ...(isReplaced && { rebuilding: building.events }) }
}
