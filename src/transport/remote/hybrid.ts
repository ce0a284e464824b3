import type { Transport } from '../../contracts/index.ts'
import { fields, oneOf, withMethods } from '../../errors/check.ts'
import type { LogEvent } from '../../event/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import { OfferedLive } from './offered-live.ts'

/** Two ways to one remote. */
export interface HybridTransportOptions<C = LogEvent> {
  /** For hello, push and pull. */
  readonly calls: Transport<C>
  /** For subscribe. */
  readonly live: Transport<C>
  /**
   * When to subscribe over `live`. Default `always`. `offered`: when hello says that the remote has WebSockets, and
   * they can be opened within 5 seconds; otherwise over `calls`, and where that has no stream the remote is asked.
   * What was refused is tried again after 10 minutes.
   */
  readonly when?: 'always' | 'offered'
  readonly runtime?: Runtime
}

/**
 * One transport made of two: calls go one way, such as HTTP, where proxies, logs and limits are as usual; what
 * is committed comes another, such as a WebSocket. Losing one is no matter to the other. Closes both. Throws
 * `invalid_argument` when `live` has no `subscribe`, or `when` is something else.
 */
export function hybridTransport<C = LogEvent>(options: HybridTransportOptions<C>): Transport<C> {
  const { calls, live, when = 'always', runtime } = fields('options', options, opening)
  withMethods('calls', calls, ['hello', 'push', 'pull', 'close'], 'a transport', opening)
  withMethods('live', live, ['subscribe', 'close'], 'a transport with subscribe', opening)
  const close = async () => {
    await Promise.all([calls.close(), live.close()])
  }
  const isOffered = oneOf('when', when, ['always', 'offered'], opening) === 'offered'
  const offered = new OfferedLive({ calls, live, runtime: runtime ?? systemRuntime })
  return {
    hello: async (mine, signal) => offered.greeted(await calls.hello(mine, signal)),
    push: (batch, signal) => calls.push(batch, signal),
    pull: (after, want, signal) => calls.pull(after, want, signal),
    // Bound to its transport: it may be a class.
    subscribe: (after, want, signal) =>
      isOffered
        ? offered.subscribe(after, want, signal)
        : (live as Required<Transport<C>>).subscribe(after, want, signal),
    close,
    [Symbol.asyncDispose]: close,
  }
}

const opening = { operation: 'open', component: 'transport/remote' }
