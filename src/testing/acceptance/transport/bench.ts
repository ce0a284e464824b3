import type { EventStore, Transport } from '../../../contracts/index.ts'
import type { LogEvent } from '../../../event/index.ts'
import { systemRuntime, withDeadline } from '../../../runtime/index.ts'
import { untilAborted } from '../../../transport/remote/index.ts'
import { type Scripted, scripted } from '../../doubles/scripted.ts'
import { type TestRuntime, testRuntime } from '../event-store/test-runtime.ts'
import { checkCapable, type Runner } from '../runner.ts'
import type { TransportCapabilities, TransportFixture, TransportSetup } from './fixture.ts'
import type { Closing, Kind, Log, Moving } from './kind.ts'

/** What each test is handed: logs, and ways to reach them. */
export interface TransportBench<Store extends Closing = Log, C = Moving> extends Kind<Store, C> {
  /** The other end's clock. */
  readonly runtime: TestRuntime
  /** A new, empty log whose calls can be made to fail or to wait, and a transport to it. */
  remote(limits?: Partial<TransportSetup['limits']>): Promise<Remote<Store, C>>
  /** One more transport to a log. */
  connect(log: Store): Promise<Transport<C>>
  unreachable(): Promise<Transport<C>>
  /** Settles as the call does, which must be soon: nothing it waits for is far away. */
  soon<T>(what: string, call: Promise<T>): Promise<T>
}

export interface Remote<Store = Log, C = Moving> {
  readonly log: Scripted<Store>
  readonly transport: Transport<C>
}

/** Registers one test; it is skipped where the implementation lacks a capability that it needs. */
export type TransportCheck<Store extends Closing = Log, C = Moving> = (
  name: string,
  run: (bench: TransportBench<Store, C>) => Promise<void>,
  ...needs: readonly (keyof TransportCapabilities)[]
) => void

/** Tests that know that what travels is events. */
export type EventCheck = TransportCheck<EventStore, LogEvent>

export function transportCheckWith<Store extends Closing, C>(
  runner: Runner,
  fixture: TransportFixture<Store, C>,
  kind: Kind<Store, C>,
): TransportCheck<Store, C> {
  return (name, run, ...needs) => {
    const capabilities = needs.map((need) => fixture.capabilities[need])
    checkCapable(runner, name, () => onBench(fixture, kind, run), capabilities)
  }
}

async function onBench<Store extends Closing, C>(
  fixture: TransportFixture<Store, C>,
  kind: Kind<Store, C>,
  run: (bench: TransportBench<Store, C>) => Promise<void>,
): Promise<void> {
  const runtime = testRuntime()
  const logs: Store[] = []
  const connect = (log: Store, limits: Partial<TransportSetup['limits']> = {}) =>
    fixture.connect(log, { runtime, limits: { ...usualLimits, ...limits } })
  const bench: TransportBench<Store, C> = {
    ...kind,
    runtime,
    connect: (log) => connect(log),
    unreachable: () => fixture.unreachable(),
    soon: (what, call) => within(fixture.patience ?? 5_000, what, call),
    async remote(limits) {
      const log = scripted<Store>(await kind.open(runtime))
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
