import type { RuleSet } from '../../conflict/index.ts'
import { RejoinError } from '../../errors/index.ts'
import { type RulesCode, rulesFromFile } from '../../rules-file/index.ts'
import { failure, misuse } from '../misuse.ts'
import { type Option, optional } from '../options/option.ts'
import { text } from '../options/readers.ts'
import { exportsOf, isObject, loadModule } from './load-module.ts'

/** The option that names the application's own functions for rules. */
export const resolversOption: Option<string | undefined> = optional(
  'MODULE',
  'a module of yours that exports resolvers, conditions or conflictKeys',
  text,
)

/** The rules in a file, with the functions of a module; `undefined` without a file. */
export async function rulesGiven(
  file: string | undefined,
  module: string | undefined,
  signal: AbortSignal,
): Promise<RuleSet | undefined> {
  if (file === undefined && module !== undefined)
    throw misuse('--resolvers goes with --rules FILE, which names them')
  if (file === undefined) return undefined
  const code = module === undefined ? {} : await rulesCodeIn(module)
  try {
    return await rulesFromFile(file, { ...code, signal })
  } catch (error) {
    throw module === undefined && namesUnknown(error) ? hinted(error as RejoinError) : error
  }
}

/** What a module registers for rules. */
export async function rulesCodeIn(module: string): Promise<RulesCode> {
  const exported = await loadModule(module)
  const code = Object.fromEntries(
    parts.filter((part) => exported[part] !== undefined).map((part) => [part, exported[part]]),
  )
  const wanted = `at least one of ${parts.join(', ')}: an object with a function for each name`
  if (Object.keys(code).length === 0)
    throw failure('invalid_argument', `${module} must export ${wanted}; ${exportsOf(exported)}`)
  for (const [part, functions] of Object.entries(code)) mustBeFunctions(module, part, functions)
  return code
}

function mustBeFunctions(module: string, part: string, functions: unknown): void {
  if (!isObject(functions))
    throw failure('invalid_argument', `${module}: ${part} must be an object of functions by name`)
  const isResolver = (value: unknown) =>
    part === 'resolvers' && isObject(value) && typeof value.resolve === 'function'
  const wrong = Object.keys(functions).find(
    (name) => typeof functions[name] !== 'function' && !isResolver(functions[name]),
  )
  const wanted = part === 'resolvers' ? 'a resolver or a function' : 'a function'
  if (wrong !== undefined)
    throw failure('invalid_argument', `${module}: ${part}.${wrong} must be ${wanted}`)
}

/** Whether a file of rules is refused for a name that only code can register. */
function namesUnknown(error: unknown): boolean {
  return (
    error instanceof RejoinError &&
    /(resolve|fallback|custom|conflictKey) can't be "/.test(error.message)
  )
}

function hinted(error: RejoinError): RejoinError {
  const hint = "the application's own functions come with --resolvers MODULE"
  return failure('invalid_argument', `${error.message}; ${hint}`, error)
}

const parts = ['resolvers', 'conditions', 'conflictKeys'] as const
