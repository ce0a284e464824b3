import type { StateChange } from '../../src/contracts/index.ts'
import { SqliteStateStorage } from '../../src/store/sqlite/index.ts'
import type { Position } from '../../src/version/index.ts'

/** All that a file of a cluster's server shares with the others, tombstones too, by path. */
export async function sharedChanges(file: string): Promise<readonly StateChange[]> {
  await using storage = await SqliteStateStorage.open({ path: file })
  const changes: StateChange[] = []
  for (let after = 0n as Position; ; ) {
    const { rows } = await storage.feed({ after })
    const last = rows.at(-1)
    if (last === undefined) break
    changes.push(...rows)
    after = last.position
  }
  return changes.filter(isShared).toSorted((one, other) => (one.path < other.path ? -1 : 1))
}

/** Some of what one has and the other has not. */
export function differing(
  one: readonly StateChange[],
  other: readonly StateChange[],
): readonly string[] {
  const there = new Set(other.map(textOf))
  const here = new Set(one.map(textOf))
  const only = [...here, ...there].filter((text) => !(here.has(text) && there.has(text)))
  return only.slice(0, 10)
}

/** Of what clients wrote, or what servers wrote about themselves. */
export function isWritten({ path }: StateChange): boolean {
  return !/^(things|cluster)\//.test(path)
}

/** Whom a server has met and followed (`cluster/links/*`, `cluster/leaders/*`) is its own business. */
function isShared({ path }: StateChange): boolean {
  return !/^cluster\/[^/]+\//.test(path)
}

function textOf({ path, created, updated, dataText, note }: StateChange): string {
  return [path, created, updated, dataText ?? 'deleted', note].join(' ')
}
