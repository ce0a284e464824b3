import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { snapshotType } from '../../event/index.ts'
import { SqliteStore, verifyStore } from './index.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejoin-compacting-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('what is compacted makes room in the file for what comes, and the file stays sound', async () => {
  const path = join(folder, 'log.db')
  const data = 'x'.repeat(20_000)
  const fill = async (store: SqliteStore) => {
    for (let n = 0; n < 50; n++)
      await store.append([{ type: 'Noted', aggregateId: 'a', data: { n, data } }])
    await store.append([{ type: snapshotType, aggregateId: 'a', data: 'all' }])
  }
  const sizes: number[] = []
  for (let round = 0; round < 3; round++) {
    await using store = await SqliteStore.open({ path })
    await fill(store)
    const { bytes } = await store.compact({ olderThan: 0 })
    expect(bytes).toBeGreaterThan(1_000_000)
    await store.close()
    sizes.push(statSync(path).size)
  }
  expect(sizes[2]).toBeLessThan((sizes[0] as number) * 1.2)
  expect((await verifyStore(path)).problems).toEqual([])
})
