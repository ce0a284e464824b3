import { type KeptBuild, keptBuild } from '../../projection/kept-build.ts'
import { isProjectionName, keptLetters } from '../../projection/kept-letters.ts'
import type { SqliteStore } from '../../store/sqlite/index.ts'
import { rulesHashIn } from '../../sync/meaning-version.ts'
import { type Position, parseCursor, readUpTo } from '../../version/index.ts'
import { counted, grouped } from '../terminal/figures.ts'
import type { Style } from '../terminal/style.ts'
import { visible } from '../terminal/text-width.ts'

/** A read model in a store's file. */
export interface ReadModelStatus {
  readonly name: string
  readonly version: number
  /** The hash of the rules it is folded by; `null`: the application gave none. */
  readonly rules: string | null
  /** Positions of the log that are not in it. */
  readonly lag: number
  /** Events that could not be folded, and were set aside. */
  readonly deadLetters: number
  /** Events folded in a new result, while this one is read. */
  readonly rebuilding?: number
}

export async function readModelsOf(
  { projections }: Pick<SqliteStore, 'projections'>,
  end: Position,
  signal: AbortSignal,
): Promise<readonly ReadModelStatus[]> {
  const found: ReadModelStatus[] = []
  for (const name of await projections.names(signal)) {
    const kept = isProjectionName(name) ? await keptBuild(projections, name, signal) : undefined
    if (kept === undefined) continue
    let deadLetters = 0
    for await (const _ of keptLetters(projections, name, signal)?.letters ?? []) deadLetters++
    found.push({ ...statusOf(name, kept, end), deadLetters })
  }
  return found
}

/** What stands beside its name. */
export function readModelText(model: ReadModelStatus, style: Style): readonly [string, string] {
  const { name, version, rules, lag, deadLetters, rebuilding } = model
  const parts = [
    `version ${version}`,
    lag === 0 ? style.green('up to date') : style.yellow(`${counted(lag, 'position')} behind`),
    ...(deadLetters === 0 ? [] : [style.red(`${counted(deadLetters, 'event')} set aside`)]),
    ...(rebuilding === undefined
      ? []
      : [style.yellow(`being folded anew, ${grouped(rebuilding)} events so far`)]),
    rules === null ? 'no rules' : `rules ${rules}`,
  ]
  return [visible(name), parts.join(', ')]
}

function statusOf(
  name: string,
  kept: KeptBuild,
  end: Position,
): Omit<ReadModelStatus, 'deadLetters'> {
  const { version, rules, cursor, rebuilding } = kept
  const point = parseCursor(cursor)
  const lag = Number(end - (point === undefined ? 0n : readUpTo(point)))
  const hash = rulesHashIn(rules) ?? null
  return { name, version, rules: hash, lag, ...(rebuilding !== undefined && { rebuilding }) }
}
