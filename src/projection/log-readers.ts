import type { CompactionReader, ProjectionSink } from '../contracts/index.ts'
import type { Cursor, Position } from '../version/index.ts'
import { positionOf } from './filling.ts'
import { parseHead } from './head.ts'
import { keptLetters } from './kept-letters.ts'

/**
 * How far the read models and subscriptions under these names of a sink have read the log, and what they have set
 * aside and may ask for again: for a log that is to be compacted. The conflict journal is none: what a snapshot
 * covers is in no conflict.
 */
export async function readersIn(
  sink: ProjectionSink,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<readonly CompactionReader[]> {
  const found: CompactionReader[] = []
  for (const name of names) {
    const kept = name === 'rejoin.conflicts' ? undefined : keptLetters(sink, name, signal)
    // An outbox reads nothing.
    if (kept === undefined) continue
    const text = await sink.head(name, signal)
    const cursors = kept.kind === 'subscription' ? ofSubscription(text) : ofProjection(text)
    const holds = new Set<string>()
    for await (const { aggregateId } of kept.letters) holds.add(aggregateId)
    const upTo = cursors.map(positionOf).reduce(least)
    found.push({ name, upTo, ...(holds.size > 0 && { holds: [...holds] }) })
  }
  return found
}

function ofProjection(text: string | undefined): readonly Cursor[] {
  const { serving, building } = parseHead(text)
  const cursors = [serving, building].flatMap((build) => (build ? [build.cursor] : []))
  return cursors.length > 0 ? cursors : nowhere
}

function ofSubscription(text: string | undefined): readonly Cursor[] {
  return text === undefined ? nowhere : [(JSON.parse(text) as { readonly cursor: Cursor }).cursor]
}

function least(one: Position, other: Position): Position {
  return one < other ? one : other
}

const nowhere: readonly Cursor[] = ['' as Cursor]
