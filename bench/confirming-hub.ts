import type {
  ChangePage,
  PushAnswer,
  PushBatch,
  Transport,
  Welcome,
} from '../src/contracts/index.ts'
import { type LogEvent, nodeOf, type Origin } from '../src/event/index.ts'
import { type Cursor, start } from '../src/version/index.ts'

/** A remote that takes everything, keeps nothing, and has nothing itself. */
export class ConfirmingHub implements Transport<LogEvent> {
  readonly #origin: Origin
  #received: Cursor = start

  constructor(origin: Origin) {
    this.#origin = origin
  }

  async hello(): Promise<Welcome> {
    return {
      node: nodeOf(this.#origin),
      origin: this.#origin,
      end: start,
      time: Date.now(),
      limits: { count: 2_000, bytes: 4 * 1024 * 1024 },
      you: { received: this.#received, pulled: start, sequence: 0n, ids: [] },
    }
  }

  async push({ changes, cursor }: PushBatch<LogEvent>): Promise<PushAnswer> {
    this.#received = cursor
    return { kind: 'applied', receipts: changes.map(() => ({ kind: 'stored' })) }
  }

  async pull(): Promise<ChangePage<LogEvent>> {
    return { kind: 'page', changes: [], cursor: start, more: false }
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}
