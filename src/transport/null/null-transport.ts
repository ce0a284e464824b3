import type { ChangePage, Transport, Welcome } from '../../contracts/index.ts'
import type { LogEvent, NodeId, Origin } from '../../event/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { start } from '../../version/index.ts'
import { Calls } from '../remote/index.ts'

/**
 * A transport to nobody: a remote that holds nothing and takes nothing. A sync through it succeeds at once
 * and moves nothing: every event stays in the outbox, unsynced, until the node gets a transport to somebody.
 * For code that wants to sync always, on devices that have no remote yet.
 */
export function nullTransport(): Transport<LogEvent> {
  const calls = new Calls({ runtime: systemRuntime, component: 'transport/null' })
  const close = () => calls.close()
  return {
    hello: (_, signal) => calls.run('hello', signal, async () => nobody()),
    push: (_, signal) =>
      // Nobody asks: it announces that it takes nothing. Who does all the same must not believe it arrived.
      calls.run('push', signal, async () => ({ kind: 'reset' })),
    pull: (after, _, signal) =>
      calls.run(
        'pull',
        signal,
        async (): Promise<ChangePage<LogEvent>> => ({
          kind: 'page',
          changes: [],
          cursor: after,
          more: false,
        }),
      ),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function nobody(): Welcome {
  return {
    node: 'null' as NodeId,
    // The same one always: nothing can ever come from it.
    origin: 'null~0000000000000000' as Origin,
    end: start,
    time: systemRuntime.now(),
    limits: { count: 0, bytes: 0 },
    filters: true,
    you: { received: start, pulled: start, sequence: 0n, ids: [] },
  }
}
