import { deepStrictEqual } from 'node:assert/strict'
import { LinkedChange, patternFilter, type StateStorage } from '../../../contracts/index.ts'
import type { Origin } from '../../../event/index.ts'
import { systemRuntime } from '../../../runtime/index.ts'
import { MemoryStateStorage } from '../../../store/memory/index.ts'
import { changeOf, wholeFeed, write } from '../state-storage/changes.ts'
import type { Kind } from './kind.ts'

let written = 0

/** State, in a storage: each draft is another object in the list of its group. */
export const stateKind: Kind<StateStorage, LinkedChange> = {
  open: (runtime) => MemoryStateStorage.open({ node: 'hub', runtime }),
  async append(storage, ...drafts) {
    const changes = drafts.map(({ group = 'a', dataText = '{}' }) =>
      write(`${group}/${written++}`, noon, dataText),
    )
    for (;;) {
      const { end } = await storage.rows([])
      const answer = await storage.commit({ expects: end, changes })
      if (answer.kind === 'committed') return answer.rows.map((row) => new LinkedChange(row))
    }
  },
  writer(name = 'there') {
    let n = 0n
    return {
      origin: `${name}~0123456789abcdef` as Origin,
      write({ group = 'a', dataText } = {}) {
        n += 1n
        return new LinkedChange(write(`${group}/${name}-${n}`, noon + n, dataText ?? `{"n":${n}}`))
      },
    }
  },
  same: (found, expected) => deepStrictEqual(found.map(changeOf), expected.map(changeOf)),
  async snapshotOf(storage) {
    const [identity, status] = [await storage.identity(), await storage.status()]
    return { identity, status, rows: await wholeFeed(storage) }
  },
  filterFor: (group) => patternFilter([`${group}/*`], systemRuntime),
}

/** Nanoseconds: noon, 1 May 2026 UTC. */
const noon = 1_777_636_800_000_000_000n
