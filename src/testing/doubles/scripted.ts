import type { EventStore, Transport } from '../../contracts/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import { nthCall } from './nth-call.ts'
import type { Asynchronous, Gate, Hook, Hooks, RecordedCall, Script, When } from './script.ts'
import { type Call, gateWrap, type Wrap, waitWrap } from './wraps.ts'

export interface ScriptedOptions {
  /** Whose time delays take. */
  readonly runtime?: Pick<Runtime, 'sleep'>
}

/** A double: the real thing, until its script says otherwise. */
export type Scripted<T> = T & { readonly script: Script<T> }

/** An event store whose calls fail, wait and are recorded as its script says. */
export function scriptedStore<Store extends EventStore>(
  store: Store,
  hooks?: Hooks<Store>,
  options?: ScriptedOptions,
): Scripted<Store> {
  return scripted(store, hooks, options)
}

/** A transport whose calls fail, wait and are recorded as its script says. */
export function scriptedTransport<C>(
  transport: Transport<C>,
  hooks?: Hooks<Transport<C>>,
  options?: ScriptedOptions,
): Scripted<Transport<C>> {
  return scripted(transport, hooks, options)
}

/** A double of anything whose methods answer with promises. `hooks` are the first lines of its script. */
export function scripted<T extends object>(
  target: T,
  hooks: Hooks<T> = {},
  { runtime = systemRuntime }: ScriptedOptions = {},
): Scripted<T> {
  const { script, run } = scriptOf<T>(runtime)
  for (const [method, hook] of Object.entries(hooks))
    script.through(method as Asynchronous<T>, hook as Hook<T, Asynchronous<T>>)
  const double: Scripted<T> = new Proxy(target, {
    get(_, key) {
      if (key === 'script') return script
      if (key === Symbol.asyncDispose) return () => (double as { close?: Call }).close?.()
      const value: unknown = Reflect.get(target, key)
      if (typeof value !== 'function') return value
      const call = value.bind(target) as Call
      return typeof key === 'string' ? (...args: unknown[]) => run(key, args, call) : call
    },
  }) as Scripted<T>
  return double
}

interface Rule {
  readonly methods: readonly string[]
  readonly isMeant: () => boolean
  readonly wrap: Wrap
}

function scriptOf<T>(runtime: Pick<Runtime, 'sleep'>) {
  let rules: Rule[] = []
  const calls: RecordedCall<T>[] = []
  const add = (methods: string | readonly string[], when: When, wrap: Wrap) => {
    rules.push({ methods: [methods].flat(), isMeant: nthCall(when), wrap })
  }

  const script: Script<T> = {
    calls,
    fail(methods, error, when = {}) {
      add(methods, when, async (call, args) => {
        if (when.after) await call(...args)
        throw error
      })
    },
    delay: (methods, ms, when = {}) => add(methods, when, waitWrap(runtime, ms)),
    hold(methods, when = {}): Gate {
      const { gate, wrap } = gateWrap()
      add(methods, when, wrap)
      return gate
    },
    through: (method, hook, when = {}) =>
      add(method, when, (call, args) => (hook as unknown as Call)(call, ...args)),
    reset() {
      rules = []
    },
  }

  function run(method: string, args: readonly unknown[], call: Call): unknown {
    const isMeant = (rule: Rule) => rule.methods.includes(method) && rule.isMeant()
    const wraps = rules.filter(isMeant).map(({ wrap }) => wrap)
    const whole = wraps.reduceRight<Call>(
      (inner, wrap) =>
        (...given) =>
          wrap(inner, given),
      call,
    )
    const answer = whole(...args)
    if (answer instanceof Promise) record({ method, args }, answer)
    return answer
  }

  function record(call: { method: string; args: readonly unknown[] }, answer: Promise<unknown>) {
    const recorded: { outcome: string; result?: unknown } = { ...call, outcome: 'pending' }
    calls.push(recorded as unknown as RecordedCall<T>)
    if (calls.length > mostCalls) calls.shift()
    answer.then(
      (result) => Object.assign(recorded, { outcome: 'resolved', result }),
      (result) => Object.assign(recorded, { outcome: 'rejected', result }),
    )
  }

  return { script, run }
}

const mostCalls = 10_000
