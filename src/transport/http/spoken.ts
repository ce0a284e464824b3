import { RejoinError } from '../../errors/index.ts'
import type { GoTransport } from './compat-client/go-transport.ts'
import type { LinkCalls } from './link-calls.ts'

/**
 * The calls in the protocol that the remote speaks. `auto` finds out at hello: where there is no Rejoin
 * server, and a server of go-sync-kit answers for itself, that one's is spoken until the next hello.
 */
export function spoken(
  protocol: 'auto' | 'native' | 'compat',
  native: LinkCalls,
  go: GoTransport,
): LinkCalls {
  let calls = protocol === 'compat' ? go : native
  return {
    async hello(mine, signal) {
      // The second half of one greeting asks whoever answered the first.
      const isSettled = protocol !== 'auto' || mine.you?.origin === go.origin
      if (isSettled) return calls.hello(mine, signal)
      try {
        const welcome = await native.hello(mine, signal)
        calls = native
        return welcome
      } catch (error) {
        // A proxy says 404 for anybody's page: only the server itself shows what it is.
        if (!isAbsent(error)) throw error
        const welcome = await go.hello(mine, signal).catch((other) => {
          throw isElse(other) ? error : other
        })
        calls = go
        return welcome
      }
    },
    push: (batch, signal) => calls.push(batch, signal),
    pull: (after, want, signal) => calls.pull(after, want, signal),
    subscribe: (after, want, signal) => calls.subscribe(after, want, signal),
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof RejoinError && error.code === 'not_found'
}

/** Something answered, and it is no server of go-sync-kit. */
function isElse(error: unknown): boolean {
  if (!(error instanceof RejoinError)) return false
  return error.code === 'not_found' || (error.code === 'protocol' && !('version' in error.details))
}
