import type { Transport } from '../contracts/index.ts'

export type TransportCall = 'hello' | 'push' | 'pull'

/** What is done about one call: `call` makes it, as often as it is called. */
export type Around = <T>(
  operation: TransportCall,
  call: (signal: AbortSignal | undefined) => Promise<T>,
  signal: AbortSignal | undefined,
) => Promise<T>

/** The same transport, each of its calls made by way of `around`; a subscription is no call. */
export function aroundCalls<C>(transport: Transport<C>, around: Around): Transport<C> {
  const close = () => transport.close()
  const subscribe = transport.subscribe?.bind(transport)
  return {
    hello: (mine, signal) => around('hello', (inner) => transport.hello(mine, inner), signal),
    push: (batch, signal) => around('push', (inner) => transport.push(batch, inner), signal),
    pull: (after, want, signal) =>
      around('pull', (inner) => transport.pull(after, want, inner), signal),
    ...(subscribe && { subscribe }),
    close,
    [Symbol.asyncDispose]: close,
  }
}
