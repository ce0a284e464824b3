import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { EventStore } from '../../src/contracts/index.ts'
import { SqliteStore, type SqliteStoreOptions } from '../../src/store/sqlite/index.ts'
import type {
  EventStoreFixture,
  StoreSetup,
} from '../../src/testing/acceptance/event-store/fixture.ts'

/** Where a flush costs nothing: what a disk keeps is tested elsewhere. */
const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** Real files, each store's in a folder of its own. */
export function sqliteFixture(
  name = 'sqlite',
  options: Partial<SqliteStoreOptions> = {},
): EventStoreFixture {
  let folder: string | undefined
  let stores = new Map<EventStore, { readonly path: string; readonly setup: StoreSetup }>()
  const newFolder = (): string => {
    folder ??= mkdtempSync(join(place, 'rejoin-acceptance-'))
    return mkdtempSync(join(folder, 'place-'))
  }
  const openAt = async (path: string, setup: StoreSetup) => {
    const store = await SqliteStore.open({ ...setup, ...options, path })
    stores.set(store, { path, setup })
    return store
  }
  return {
    name,
    capabilities: { durable: true, multiProcess: true },
    open: (setup) => openAt(join(newFolder(), 'log.db'), setup),
    async reopen(store) {
      await store.close()
      const { path, setup } = stores.get(store)!
      return openAt(path, setup)
    },
    crash(store) {
      const { path, setup } = stores.get(store)!
      // What a killed process leaves: the file and its WAL as they are, without the checkpoint of a close.
      const copy = newFolder()
      cpSync(dirname(path), copy, { recursive: true })
      return openAt(join(copy, 'log.db'), setup)
    },
    join(store) {
      const { path, setup } = stores.get(store)!
      return openAt(path, setup)
    },
    async dispose() {
      const open = [...stores.keys()]
      stores = new Map()
      await Promise.all(open.map((store) => store.close()))
      if (folder !== undefined) rmSync(folder, { recursive: true })
      folder = undefined
    },
  }
}
