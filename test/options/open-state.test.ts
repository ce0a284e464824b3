import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, vi } from 'vitest'
import type { Origin } from '../../src/event/index.ts'
import { silentLogger } from '../../src/ports/index.ts'
import { systemRuntime } from '../../src/runtime/index.ts'
import { openState, type StateOptions, type StateTree } from '../../src/state/index.ts'
import { MemoryStateStorage } from '../../src/store/memory/index.ts'
import { SqliteStateStorage } from '../../src/store/sqlite/index.ts'
import { handDriven } from '../../src/transport/fixtures/hand-driven.ts'
import { someOrigin } from '../../src/transport/fixtures/logs.ts'
import { type OptionTest, soon, testEachOption } from './each-option.ts'

type Test = OptionTest<StateOptions, Promise<StateTree>>

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejoin-options-'))
})
afterEach(() => rmSync(folder, { recursive: true }))
const day = 24 * 60 * 60_000

const tests = {
  async storage(make) {
    await using storage = await MemoryStateStorage.open()
    await using tree = await make({ storage })
    await tree.set('a', 1)
    expect((await storage.status()).objects).toBe(1n)
  },

  async storages(make) {
    await using tree = await make({ storages: { fleet: await MemoryStateStorage.open() } })
    await tree.storage('fleet').set('a', 1)
    expect(await tree.get('a')).toBeUndefined()
  },

  async cache(make) {
    const storage = await SqliteStateStorage.open({ path: join(folder, 'state.db') })
    await using tree = await make({ storage, cache: false })
    const rows = vi.spyOn(storage, 'rows')
    await tree.get('a')
    expect(rows).toHaveBeenCalledOnce()
  },

  async ephemeral(make) {
    const runtime = handDriven()
    await using tree = await make({ runtime, ephemeral: { 'presence/*': { ttl: 1_000 } } })
    await tree.set('presence/ann', 'here')
    expect((await tree.replica().feed()).rows).toEqual([])
    const told = new Promise((resolve) => tree.observe('presence/ann', resolve))
    runtime.pass(1_000)
    await soon(told)
    expect(await tree.get('presence/ann')).toBeUndefined()
  },

  async collecting(make) {
    const runtime = handDriven()
    await using _ = await make({ runtime, collecting: false })
    expect(runtime.pending).toBe(0)
  },

  async reserved(make) {
    await using tree = await make({ reserved: ['mine'] })
    await tree.set('sync/a', 1)
    await expect(tree.set('mine/a', 1)).rejects.toMatchObject({ code: 'invalid_argument' })
  },

  async dataBytes(make) {
    await using tree = await make({ dataBytes: 10 })
    await expect(tree.set('a', 'x'.repeat(20))).rejects.toMatchObject({ code: 'too_large' })
  },

  async clock(make) {
    await using tree = await make({ clock: { quarantine: 10 * day } })
    expect(await broughtFrom(3 * day, tree)).toMatchObject([{ kind: 'stored' }])
  },

  async logger(make) {
    const told: string[] = []
    const logger = { ...silentLogger, error: (message: string) => void told.push(message) }
    await using tree = await make({ logger })
    tree.observe('a', () => {
      throw new Error('not today')
    })
    await tree.set('a', 1)
    expect(told).toHaveLength(1)
  },

  async runtime(make) {
    const now = () => Date.UTC(2030, 0, 1)
    await using tree = await make({ runtime: { ...systemRuntime, now } })
    await tree.set('a', 1)
    expect((await tree.get('a'))?.created).toBe(BigInt(now()) * 1_000_000n)
  },

  async signal(make) {
    const reason = new Error('enough')
    await expect(make({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  },
} satisfies Record<keyof StateOptions, Test>

describe('an option of a tree', () =>
  testEachOption<StateOptions, Promise<StateTree>>(tests, {
    section: '`openState`',
    make: openState,
  }))

/** What a tree says to a write by somebody whose clock is so far ahead. */
async function broughtFrom(ahead: number, tree: StateTree) {
  const now = () => systemRuntime.now() + ahead
  await using from = await openState({ runtime: { ...systemRuntime, now } })
  await from.set('a', 1)
  const { rows: changes } = await from.replica().feed()
  const batch = { via: someOrigin as Origin, role: 'pushed', changes } as const
  const applied = await tree.replica().apply(batch)
  return applied.kind === 'applied' ? applied.receipts : applied
}
