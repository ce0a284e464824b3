import type { EventStore, Transport } from '../../../contracts/index.ts'
import type { LogEvent } from '../../../event/index.ts'
import { systemRuntime, withDeadline } from '../../../runtime/index.ts'
import { MemoryStore } from '../../../store/memory/index.ts'
import { untilAborted } from '../../../transport/remote/index.ts'
import { type Scripted, scriptedStore } from '../../doubles/scripted.ts'
import { type TestRuntime, testRuntime } from '../event-store/test-runtime.ts'
import { checkCapable, type Runner } from '../runner.ts'
import type { TransportCapabilities, TransportFixture, TransportSetup } from './fixture.ts'

/** What each test is handed: logs, and ways to reach them. */
export interface TransportBench {
  /** The other end's clock. */
  readonly runtime: TestRuntime
  /** A new, empty log whose calls can be made to fail or to wait, and a transport to it. */
  remote(limits?: Partial<TransportSetup['limits']>): Promise<Remote>
  /** One more transport to a log. */
  connect(log: EventStore): Promise<Transport<LogEvent>>
  unreachable(): Promise<Transport<LogEvent>>
  /** Settles as the call does, which must be soon: nothing it waits for is far away. */
  soon<T>(what: string, call: Promise<T>): Promise<T>
}

export interface Remote {
  readonly log: Scripted<EventStore>
  readonly transport: Transport<LogEvent>
}

/** Registers one test; it is skipped where the implementation lacks a capability that it needs. */
export type TransportCheck = (
  name: string,
  run: (bench: TransportBench) => Promise<void>,
  ...needs: readonly (keyof TransportCapabilities)[]
) => void

export function transportCheckWith(runner: Runner, fixture: TransportFixture): TransportCheck {
  return (name, run, ...needs) => {
    const capabilities = needs.map((need) => fixture.capabilities[need])
    checkCapable(runner, name, () => onBench(fixture, run), capabilities)
  }
}

async function onBench(
  fixture: TransportFixture,
  run: (bench: TransportBench) => Promise<void>,
): Promise<void> {
  const runtime = testRuntime()
  const logs: EventStore[] = []
  const connect = (log: EventStore, limits: Partial<TransportSetup['limits']> = {}) =>
    fixture.connect(log, { runtime, limits: { ...usualLimits, ...limits } })
  const bench: TransportBench = {
    runtime,
    connect: (log) => connect(log),
    unreachable: () => fixture.unreachable(),
    soon: (what, call) => within(fixture.patience ?? 5_000, what, call),
    async remote(limits) {
      const log = scriptedStore<EventStore>(await MemoryStore.open({ node: 'hub', runtime }))
      logs.push(log)
      return { log, transport: await connect(log, limits) }
    },
  }
  try {
    await run(bench)
  } finally {
    await fixture.dispose()
    for (const log of logs) await log.close()
  }
}

function within<T>(ms: number, what: string, call: Promise<T>): Promise<T> {
  const late = () => new Error(`${what} has not ended within ${ms} ms`)
  return withDeadline(systemRuntime, ms, undefined, late, (signal) => untilAborted(signal, call))
}

const usualLimits = { count: 2_000, bytes: 4 * 1024 * 1024, ids: 1_000 }
