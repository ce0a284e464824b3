import type { Runtime } from '../../runtime/index.ts'
import { untilAborted } from '../../transport/remote/index.ts'
import type { Gate } from './script.ts'

export type Call = (...args: unknown[]) => unknown

/** What happens to one call of a double. */
export type Wrap = (call: Call, args: readonly unknown[]) => unknown

/** The call is made after so many milliseconds. */
export function waitWrap(runtime: Pick<Runtime, 'sleep'>, ms: number): Wrap {
  return async (call, args) => {
    await runtime.sleep(ms, signalIn(args))
    return call(...args)
  }
}

/** The call is made once the gate is open. */
export function gateWrap(): { readonly gate: Gate; readonly wrap: Wrap } {
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>()
  const { promise: open, resolve: release } = Promise.withResolvers<void>()
  return {
    gate: { reached, release },
    async wrap(call, args) {
      reach()
      const signal = signalIn(args)
      await (signal === undefined ? open : untilAborted(signal, open))
      return call(...args)
    },
  }
}

/** A call's signal stands alone or in its options, wherever these are. */
function signalIn(args: readonly unknown[]): AbortSignal | undefined {
  for (const arg of args.toReversed()) {
    if (arg instanceof AbortSignal) return arg
    const { signal } = (typeof arg === 'object' && arg !== null ? arg : {}) as { signal?: unknown }
    if (signal instanceof AbortSignal) return signal
  }
  return undefined
}
