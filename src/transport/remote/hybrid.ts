import type { Transport } from '../../contracts/index.ts'
import { fields, withMethods } from '../../errors/check.ts'
import type { LogEvent } from '../../event/index.ts'

/** Two ways to one remote log. */
export interface HybridTransportOptions {
  /** For hello, push and pull. */
  readonly calls: Transport<LogEvent>
  /** For subscribe. */
  readonly live: Transport<LogEvent>
}

/**
 * One transport made of two: calls go one way, such as HTTP, where proxies, logs and limits are as usual; what
 * is committed comes another, such as a WebSocket. Losing one is no matter to the other. Closes both. Throws
 * `invalid_argument` when `live` has no `subscribe`.
 */
export function hybridTransport(options: HybridTransportOptions): Transport<LogEvent> {
  const { calls, live } = fields('options', options, opening)
  withMethods('calls', calls, ['hello', 'push', 'pull', 'close'], 'a transport', opening)
  withMethods('live', live, ['subscribe', 'close'], 'a transport with subscribe', opening)
  const close = async () => {
    await Promise.all([calls.close(), live.close()])
  }
  return {
    hello: (mine, signal) => calls.hello(mine, signal),
    push: (batch, signal) => calls.push(batch, signal),
    pull: (after, want, signal) => calls.pull(after, want, signal),
    // Bound to its transport: it may be a class.
    subscribe: (after, want, signal) =>
      (live as Required<Transport<LogEvent>>).subscribe(after, want, signal),
    close,
    [Symbol.asyncDispose]: close,
  }
}

const opening = { operation: 'open', component: 'transport/remote' }
