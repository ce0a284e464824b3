import type { EventStore, Transport } from '../../../contracts/index.ts'
import type { LogEvent } from '../../../event/index.ts'
import type { Runtime } from '../../../runtime/index.ts'
import type { Capability } from '../runner.ts'

/** One transport, as the suite needs it: how to reach a log, or a storage of state, through it. */
export interface TransportFixture<Store = EventStore, C = LogEvent> {
  readonly name: string
  readonly capabilities: TransportCapabilities
  /**
   * Serves the log the way this transport's other end does, and gives a transport to it. Called several times
   * in a test, also for one log. The log stays the suite's to close.
   */
  connect(log: Store, setup: TransportSetup): Promise<Transport<C>>
  /** A transport whose other end is not there; without the capability `network` it is never called. */
  unreachable(): Promise<Transport<C>>
  /** Closes every transport and stops what was served. Called after each test. */
  dispose(): Promise<void>
  /**
   * Milliseconds within which a call must end once it is given up, or its transport is closed. Default
   * 5,000: plenty for what needs no answer.
   */
  readonly patience?: number
}

export interface TransportCapabilities {
  /** What travels arrives as it was: headers, payloads, cursors, and every kind of receipt. */
  readonly exact: Capability
  /**
   * The other end keeps records of its peers: how far each has pushed and pulled. Without it `hello` knows
   * nobody, `notVia` leaves nothing out, and nobody holds a push against what it `expects`.
   */
  readonly keepsRecords: Capability
  /** Events can be asked for by id. */
  readonly ids: Capability
  /** Pages hold to filters. */
  readonly filters: Capability
  /** The other end checks what is asked for in one call, and moves no more than its limits in one. */
  readonly limits: Capability
  /** There is `subscribe`: what is committed at the other end comes by itself. */
  readonly live: Capability
  /** There is something in between that may be missing. */
  readonly network: Capability
}

/** The other end's clock, and the most that it moves in one call. */
export interface TransportSetup {
  readonly runtime: Runtime
  readonly limits: { readonly count: number; readonly bytes: number; readonly ids: number }
}
