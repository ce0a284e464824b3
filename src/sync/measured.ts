import type { EventStore, Transport } from '../contracts/index.ts'
import { isSignal } from '../errors/check.ts'
import { RejoinError } from '../errors/index.ts'
import { aroundCalls } from '../link/index.ts'
import type { CallMeasure, CallOutcome, Metrics } from '../ports/index.ts'
import type { Runtime } from '../runtime/index.ts'

type Clock = Pick<Runtime, 'monotonic'>

/** The same transport, each of its calls counted and timed. */
export function measuredTransport<C>(
  transport: Transport<C>,
  metrics: Metrics,
  clock: Clock,
): Transport<C> {
  const tell = (call: CallMeasure) => metrics.transportCalled(call)
  return aroundCalls(transport, (operation, call, signal) =>
    measured(operation, () => call(signal), { signal, clock, tell }),
  )
}

/** The same store, each of its calls counted and timed; waits (`watch`) and the closing are none. */
export function measuredStore(store: EventStore, metrics: Metrics, clock: Clock): EventStore {
  const tell = (call: CallMeasure) => metrics.storageCalled(call)
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      // Its own `this`: private fields are not the proxy's.
      if (!storeCalls.has(name)) return member.bind(target)
      return (...args: unknown[]) =>
        measured(String(name), () => member.apply(target, args) as Promise<unknown>, {
          signal: args.map(signalIn).find((one) => one !== undefined),
          clock,
          tell,
        })
    },
  })
}

async function measured<T>(
  operation: string,
  call: () => Promise<T>,
  of: {
    readonly signal: AbortSignal | undefined
    readonly clock: Clock
    readonly tell: (call: CallMeasure) => void
  },
): Promise<T> {
  const began = of.clock.monotonic()
  const ended = (outcome: CallOutcome) =>
    of.tell({ operation, outcome, duration: of.clock.monotonic() - began })
  try {
    const answer = await call()
    ended('ok')
    return answer
  } catch (error) {
    ended(outcomeOf(error, of.signal))
    throw error
  }
}

function outcomeOf(error: unknown, signal: AbortSignal | undefined): CallOutcome {
  if (signal?.aborted) return 'aborted'
  return error instanceof RejoinError ? error.code : 'internal'
}

/** A call's signal is an argument of its own or one of its options. */
function signalIn(argument: unknown): AbortSignal | undefined {
  const inside = (argument as { readonly signal?: unknown } | null | undefined)?.signal
  for (const one of [argument, inside])
    if (one !== undefined && isSignal(one)) return one as AbortSignal
  return undefined
}

const storeCalls: ReadonlySet<string | symbol> = new Set<keyof EventStore>([
  'append',
  'apply',
  'changes',
  'compact',
  'confirm',
  'entries',
  'erase',
  'fetch',
  'heads',
  'identity',
  'knowledge',
  'link',
  'renewOrigin',
  'resetLink',
  'settle',
  'status',
])
