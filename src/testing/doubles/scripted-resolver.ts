import type { Conflict, Resolution, Resolver } from '../../contracts/index.ts'
import { nthCall } from './nth-call.ts'
import type { When } from './script.ts'

/** One conflict that was put to a resolver, and what came of it. */
export type ResolverCall = { readonly conflict: Conflict } & (
  | { readonly outcome: 'returned'; readonly result: Resolution }
  | { readonly outcome: 'threw'; readonly result: unknown }
)

/** Runs in place of `resolve`, which it may call, or not. */
export type ResolverHook = (resolve: Resolver['resolve'], conflict: Conflict) => Resolution

/**
 * What happens to the calls of a resolver, and what has happened; what is asked for first goes around what is
 * asked for later. Nothing waits here: a resolver answers at once.
 */
export interface ResolverScript {
  /** In the order they were made; of very many the newest 10,000. */
  readonly calls: readonly ResolverCall[]
  /** Throws `error`; the resolver is not asked. */
  fail(error: unknown, when?: When): void
  /** Runs `hook` in place of the resolver. */
  through(hook: ResolverHook, when?: When): void
  /** From here on calls go straight through again. */
  reset(): void
}

/** A resolver that fails and is recorded as its script says; the real one, and under its name, until then. */
export function scriptedResolver(
  resolver: Resolver,
): Resolver & { readonly script: ResolverScript } {
  let lines: { readonly isMeant: () => boolean; readonly hook: ResolverHook }[] = []
  const calls: ResolverCall[] = []
  const record = (call: ResolverCall) => {
    calls.push(call)
    if (calls.length > mostCalls) calls.shift()
  }
  const through = (hook: ResolverHook, when: When = {}) => {
    lines.push({ isMeant: nthCall(when), hook })
  }
  return {
    name: resolver.name,
    resolve(conflict) {
      const whole = lines
        .filter(({ isMeant }) => isMeant())
        .reduceRight<Resolver['resolve']>(
          (inner, { hook }) =>
            (given) =>
              hook(inner, given),
          (given) => resolver.resolve(given),
        )
      try {
        const result = whole(conflict)
        record({ conflict, outcome: 'returned', result })
        return result
      } catch (error) {
        record({ conflict, outcome: 'threw', result: error })
        throw error
      }
    },
    script: {
      calls,
      through,
      fail: (error, when) =>
        through(() => {
          throw error
        }, when),
      reset() {
        lines = []
      },
    },
  }
}

const mostCalls = 10_000
