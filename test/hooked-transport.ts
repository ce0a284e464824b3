import type { Transport } from '../src/contracts/index.ts'
import type { LogEvent } from '../src/event/index.ts'

type Call = 'hello' | 'push' | 'pull'
type Calls = Pick<Transport<LogEvent>, Call>

/** A transport whose calls go through `hooks`, each of which may do anything before, after or instead. */
export function hooked(
  transport: Transport<LogEvent>,
  hooks: { readonly [Name in Call]?: (...args: HookArguments<Name>) => ReturnType<Calls[Name]> },
): Transport<LogEvent> {
  const through = <Name extends Call>(name: Name): Calls[Name] => {
    const hook = hooks[name] as ((...args: unknown[]) => unknown) | undefined
    const call = transport[name] as (...args: unknown[]) => unknown
    return (hook ? (...args: unknown[]) => hook(call, ...args) : call) as Calls[Name]
  }
  return {
    hello: through('hello'),
    push: through('push'),
    pull: through('pull'),
    close: () => transport.close(),
    [Symbol.asyncDispose]: () => transport.close(),
  }
}

type HookArguments<Name extends Call> = [Calls[Name], ...Parameters<Calls[Name]>]
