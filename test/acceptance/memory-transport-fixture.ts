import type {
  EventStore,
  LinkedChange,
  Replica,
  StateStorage,
  Transport,
} from '../../src/contracts/index.ts'
import type { LogEvent } from '../../src/event/index.ts'
import type {
  TransportFixture,
  TransportSetup,
} from '../../src/testing/acceptance/transport/fixture.ts'
import { memoryTransport } from '../../src/transport/memory/index.ts'
import type { Sized } from '../../src/transport/remote/index.ts'
import { lacking } from '../skips.ts'
import { allOfThem } from './capabilities.ts'

export interface MemoryFixtureOptions<C> {
  readonly name?: string
  /** What a transport is used through; for faulty ones. */
  readonly wrap?: (transport: Transport<C>, setup: TransportSetup) => Transport<C>
  readonly patience?: number
}

/** Straight to the log, in the same process. */
export function memoryTransportFixture(
  options: MemoryFixtureOptions<LogEvent> = {},
): TransportFixture {
  return inMemory<EventStore, LogEvent>(options)
}

/** Straight to the storage of state. */
export function memoryStateTransportFixture(): TransportFixture<StateStorage, LinkedChange> {
  return inMemory<StateStorage, LinkedChange>({ name: 'memory, of state' })
}

function inMemory<Store extends Replica<C>, C extends Sized>(
  options: MemoryFixtureOptions<C>,
): TransportFixture<Store, C> {
  const { name = 'memory', wrap = (transport) => transport, ...rest } = options
  return {
    name,
    ...rest,
    capabilities: { ...allOfThem, network: lacking('transport/memory', 'network') },
    connect: async (log, setup) => wrap(memoryTransport<C>(log, setup), setup),
    unreachable: () => Promise.reject(new Error('a log in this process is always there')),
    async dispose() {},
  }
}
