import type { Conflict, Resolution, Resolver } from '../../contracts/index.ts'
import { fields, text, unwanted, withMethods } from '../../errors/check.ts'
import { canonicalJson } from '../../json/index.ts'
import { additive, firstWriteWins, lastWriteWins, manualReview } from '../resolvers/keep.ts'
import { mergeFields } from '../resolvers/merge-fields.ts'
import type { Chosen } from './plan.ts'
import type { CustomResolver, ResolverChoice } from './rules-init.ts'
import { at } from './where.ts'

export type ResolverOptions = Readonly<Record<string, unknown>>

/** The resolver a rule names or brings; throws `invalid_argument` for one that is not there. */
export function chooseResolver(
  choice: ResolverChoice,
  given: ResolverOptions | undefined,
  name: string,
  customs: Readonly<Record<string, CustomResolver>>,
): Chosen {
  const options = given === undefined ? {} : fields(`${name}.options`, given, at)
  if (typeof choice !== 'string') {
    withMethods(name, choice, ['resolve'], 'a resolver or the name of one', at)
    refuseOptions(given, name, 'a resolver that is given as such')
    const resolver = named(choice, `${name}.name`)
    return { resolver, description: described('resolver', resolver.name, {}) }
  }
  if (Object.hasOwn(customs, choice)) {
    const resolver = customOf(customs[choice] as CustomResolver, choice, options, name)
    return { resolver, description: described('custom', choice, options) }
  }
  if (!Object.hasOwn(builtIn, choice)) {
    const names = [...Object.keys(builtIn), ...Object.keys(customs)].join(', ')
    throw unwanted(name, choice, `one of ${names}, or a resolver`, at)
  }
  const resolver = builtIn[choice as keyof typeof builtIn](options, name)
  return { resolver, description: described('built-in', choice, options) }
}

const builtIn = {
  additive: plain(additive),
  'last-write-wins': plain(lastWriteWins),
  'first-write-wins': plain(firstWriteWins),
  'merge-fields': plain(mergeFields),
  'manual-review': (options: ResolverOptions, name: string) => {
    const { reason, ...others } = options
    refuseOptions(others, name, 'manual-review, except reason')
    return reason === undefined
      ? manualReview()
      : manualReview({ reason: text(`${name}.options.reason`, reason, at) })
  },
} as const

/** Resolvers that need not be registered, by the names that rules use. */
export const builtInResolvers: readonly string[] = Object.keys(builtIn)

function plain(make: () => Resolver) {
  return (options: ResolverOptions, name: string): Resolver => {
    refuseOptions(options, name, 'it')
    return make()
  }
}

function refuseOptions(options: ResolverOptions | undefined, name: string, what: string): void {
  const [first] = Object.keys(options ?? {})
  if (first !== undefined)
    throw unwanted(`${name}.options.${first}`, options?.[first], `absent: ${what} takes none`, at)
}

function customOf(
  custom: CustomResolver,
  choice: string,
  options: ResolverOptions,
  name: string,
): Resolver {
  if (typeof custom === 'function')
    return { name: choice, resolve: (conflict: Conflict): Resolution => custom(conflict, options) }
  withMethods(`resolvers.${choice}`, custom, ['resolve'], 'a resolver or a function', at)
  refuseOptions(options, name, 'a resolver that is registered as such')
  // The name it is registered under is the one that rules and the journal show.
  return { name: choice, resolve: (conflict) => custom.resolve(conflict) }
}

function named(resolver: Resolver, name: string): Resolver {
  text(name, resolver.name, at)
  return resolver
}

function described(kind: string, name: string, options: ResolverOptions): string {
  return canonicalJson(JSON.stringify([kind, name, options]))
}
