import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { StateStorage } from '../../src/contracts/index.ts'
import { MemoryStateStorage } from '../../src/store/memory/index.ts'
import { SqliteStateStorage } from '../../src/store/sqlite/index.ts'
import { cachedState } from '../../src/store/state/index.ts'
import type {
  StateSetup,
  StateStorageFixture,
} from '../../src/testing/acceptance/state-storage/fixture.ts'
import { lacking } from '../skips.ts'

export function memoryStateFixture(
  name = 'memory',
  wrap: (storage: StateStorage) => StateStorage = (storage) => storage,
  changed: Partial<StateSetup> = {},
): StateStorageFixture {
  const never = () => Promise.reject(new Error('it does not outlive its process'))
  return {
    name,
    capabilities: {
      durable: lacking('store/memory', 'durable'),
      multiProcess: lacking('store/memory', 'multiProcess'),
    },
    open: async (setup) => wrap(await MemoryStateStorage.open({ ...setup, ...changed })),
    reopen: never,
    crash: never,
    join: never,
    async dispose() {},
  }
}

/** Storages in real files, behind what `wrap` puts before them. */
export function sqliteStateFixture(
  name = 'sqlite',
  wrap: (storage: StateStorage) => StateStorage | Promise<StateStorage> = (storage) => storage,
): StateStorageFixture {
  let folder: string | undefined
  let storages = new Map<StateStorage, { readonly path: string; readonly setup: StateSetup }>()
  const newFolder = (): string => {
    folder ??= mkdtempSync(join(tmpdir(), 'rejoin-acceptance-'))
    return mkdtempSync(join(folder, 'place-'))
  }
  const openAt = async (path: string, setup: StateSetup) => {
    const storage = await wrap(await SqliteStateStorage.open({ ...setup, path }))
    storages.set(storage, { path, setup })
    return storage
  }
  return {
    name,
    capabilities: { durable: true, multiProcess: true },
    open: (setup) => openAt(join(newFolder(), 'state.db'), setup),
    async reopen(storage) {
      await storage.close()
      const { path, setup } = storages.get(storage)!
      return openAt(path, setup)
    },
    crash(storage) {
      const { path, setup } = storages.get(storage)!
      const copy = newFolder()
      cpSync(dirname(path), copy, { recursive: true })
      return openAt(join(copy, 'state.db'), setup)
    },
    join(storage) {
      const { path, setup } = storages.get(storage)!
      return openAt(path, setup)
    },
    async dispose() {
      const open = [...storages.keys()]
      storages = new Map()
      await Promise.all(open.map((storage) => storage.close()))
      if (folder !== undefined) rmSync(folder, { recursive: true })
      folder = undefined
    },
  }
}

export function cachedStateFixture(): StateStorageFixture {
  return sqliteStateFixture('memory over sqlite', (storage) => cachedState(storage))
}
