import { strictEqual } from 'node:assert/strict'
import type { StateChange, StateRow, StateStorage } from '../../../contracts/index.ts'
import type { Origin } from '../../../event/index.ts'
import type { Cursor, Position } from '../../../version/index.ts'

/** A write, first made at `created` and then again at `updated`. */
export function write(
  path: string,
  created: bigint,
  dataText = `{"at":${created}}`,
  updated = 0n,
): StateChange {
  return { path, created, updated, dataText, note: '' }
}

export function tombstone(path: string, at: bigint): StateChange {
  return { path, created: 0n, updated: at, dataText: null, note: '' }
}

/** Commits on top of whatever stands there. */
export async function put(storage: StateStorage, ...changes: readonly StateChange[]) {
  const { end } = await storage.rows([])
  const answer = await storage.commit({ expects: end, changes })
  if (answer.kind === 'stale') throw new Error('nobody else is writing')
  return answer.rows
}

/** All that a link would carry. */
export async function carried(storage: StateStorage): Promise<readonly StateChange[]> {
  const page = await storage.changes('' as Cursor, { count: 10_000, bytes: 1e9 })
  if (page.kind === 'reset') throw new Error('a feed can be read from its start')
  return page.changes
}

/** The same set of rows, wherever they stand in the feed. */
export async function contentOf(storage: StateStorage): Promise<readonly string[]> {
  return (await carried(storage)).map(shown).toSorted()
}

export async function wholeFeed(storage: StateStorage): Promise<readonly StateRow[]> {
  const { rows, more } = await storage.feed({ count: 10_000, bytes: 1e9 })
  strictEqual(more, false)
  return rows
}

export function pathsOf(rows: readonly StateChange[]): readonly string[] {
  return rows.map(({ path }) => path)
}

/** Only what the contract names: rows may know more of themselves. */
export function changeOf({ path, created, updated, dataText, note }: StateChange): StateChange {
  return { path, created, updated, dataText, note }
}

export function positionsRise(rows: readonly StateRow[], after = 0n as Position): boolean {
  return rows.every(({ position }, at) => position > (rows[at - 1]?.position ?? after))
}

export const peer = 'there~0123456789abcdef' as Origin

function shown({ path, created, updated, dataText, note }: StateChange): string {
  return JSON.stringify([path, String(created), String(updated), dataText, note])
}
