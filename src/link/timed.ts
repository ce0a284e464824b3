import type { Transport } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import { type Runtime, withDeadline } from '../runtime/index.ts'
import { untilAborted } from '../transport/remote/index.ts'
import { aroundCalls } from './around-calls.ts'

/**
 * The same transport, but a call that is not answered within `ms` rejects with `timeout`, also when the
 * transport takes no notice of signals.
 */
export function timed<C>(transport: Transport<C>, ms: number, runtime: Runtime): Transport<C> {
  return aroundCalls(transport, (operation, call, signal) => {
    const late = () =>
      new RejoinError('timeout', `no answer to ${operation} within ${ms} ms`, {
        operation,
        component: 'link',
        details: { timeout: ms },
      })
    return withDeadline(runtime, ms, signal, late, (inner) => untilAborted(inner, call(inner)))
  })
}
