import type { EventStore } from '../../src/contracts/index.ts'
import { MemoryStore } from '../../src/store/memory/index.ts'
import type {
  EventStoreFixture,
  StoreSetup,
} from '../../src/testing/acceptance/event-store/fixture.ts'
import { lacking } from '../skips.ts'
import { arrayJournal } from './array-journal.ts'

/** A memory store that is gone with its process. */
export function memoryFixture(): EventStoreFixture {
  return {
    name: 'memory',
    capabilities: {
      durable: lacking('store/memory', 'durable'),
      multiProcess: lacking('store/memory', 'multiProcess'),
    },
    open: (setup) => MemoryStore.open(setup),
    reopen: notDurable,
    crash: notDurable,
    join: notDurable,
    async dispose() {},
  }
}

/** A memory store whose commits go to a journal. */
export function journalFixture(
  options: {
    readonly name?: string
    /** What a store is opened through; for faulty ones. */
    readonly wrap?: (store: EventStore) => EventStore
    /** What a crash leaves of the records; for faulty ones. */
    readonly leftByCrash?: (records: readonly string[]) => string[]
  } = {},
): EventStoreFixture {
  const { name = 'memory with a journal', wrap = (store) => store } = options
  const { leftByCrash = (records) => [...records] } = options
  const places = new WeakMap<
    EventStore,
    { readonly setup: StoreSetup; readonly records: string[] }
  >()
  const open = async (setup: StoreSetup, records: string[]) => {
    const store = wrap(await MemoryStore.open({ ...setup, journal: arrayJournal(records) }))
    places.set(store, { setup, records })
    return store
  }
  const again = (store: EventStore, left: (records: readonly string[]) => string[]) => {
    const { setup, records } = places.get(store)!
    return open(setup, left(records))
  }
  return {
    name,
    capabilities: { durable: true, multiProcess: lacking('store/memory', 'multiProcess') },
    open: (setup) => open(setup, []),
    async reopen(store) {
      await store.close()
      return again(store, (records) => [...records])
    },
    crash: (store) => again(store, leftByCrash),
    join: notDurable,
    async dispose() {},
  }
}

async function notDurable(): Promise<never> {
  throw new Error('this fixture has no such capability')
}
