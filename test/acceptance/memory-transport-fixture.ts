import type { Transport } from '../../src/contracts/index.ts'
import type { LogEvent } from '../../src/event/index.ts'
import type {
  TransportFixture,
  TransportSetup,
} from '../../src/testing/acceptance/transport/fixture.ts'
import { memoryTransport } from '../../src/transport/memory/index.ts'
import { lacking } from '../skips.ts'

/** Straight to the log, in the same process. */
export function memoryTransportFixture(
  options: {
    readonly name?: string
    /** What a transport is used through; for faulty ones. */
    readonly wrap?: (transport: Transport<LogEvent>, setup: TransportSetup) => Transport<LogEvent>
    readonly patience?: number
  } = {},
): TransportFixture {
  const { name = 'memory', wrap = (transport) => transport, ...rest } = options
  return {
    name,
    ...rest,
    capabilities: {
      exact: true,
      keepsRecords: true,
      ids: true,
      filters: true,
      limits: true,
      live: true,
      network: lacking('transport/memory', 'network'),
    },
    connect: async (log, setup) => wrap(memoryTransport(log, setup), setup),
    unreachable: () => Promise.reject(new Error('a log in this process is always there')),
    async dispose() {},
  }
}
