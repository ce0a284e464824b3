import { nearest } from './did-you-mean.ts'
import { RejoinError } from './rejoin-error.ts'

/** Where a check stands: it goes into the error. */
export interface Where {
  readonly operation: string
  readonly component: string
}

/** Misuse in one sentence: what was given, where, and what is wanted instead. */
export function unwanted(name: string, given: unknown, wanted: string, where: Where): RejoinError {
  return refusal(name, given === undefined ? 'missing' : shown(given), wanted, where)
}

/** As `unwanted`, for what may hold a secret: only its kind is told. */
export function unwantedSecret(
  name: string,
  given: unknown,
  wanted: string,
  where: Where,
): RejoinError {
  return refusal(name, given === undefined ? 'missing' : kindOf(given), wanted, where)
}

export function wholeNumber(
  name: string,
  value: unknown,
  where: Where,
  { from = 0, to = Number.MAX_SAFE_INTEGER }: { readonly from?: number; readonly to?: number } = {},
): number {
  if (Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to)
    return value as number
  const most = to === Number.MAX_SAFE_INTEGER
  const range = most ? (from === 1 ? 'above 0' : `from ${from}`) : `from ${from} to ${to}`
  throw unwanted(name, value, `a whole number ${range}`, where)
}

/** Milliseconds for a timer: beyond 24 days it would fire at once. */
export function timerTime(name: string, value: unknown, where: Where, from = 1): number {
  return wholeNumber(name, value, where, { from, to: longestTimer })
}

export function oneOf<T extends string>(
  name: string,
  value: unknown,
  choices: readonly T[],
  where: Where,
): T {
  if (choices.includes(value as T)) return value as T
  throw unwanted(name, value, choices.map((choice) => `"${choice}"`).join(' or '), where)
}

export function text(name: string, value: unknown, where: Where): string {
  if (typeof value === 'string' && value !== '') return value
  throw unwanted(name, value, 'a string that is not empty', where)
}

export function trueOrFalse(name: string, value: unknown, where: Where): boolean {
  if (typeof value === 'boolean') return value
  throw unwanted(name, value, 'true or false', where)
}

/** The names of all options there are: the compiler wants each of them, and no other. */
export type Known<T> = Readonly<Record<T extends unknown ? keyof T & string : never, true>>

/**
 * Options, or anything else with named fields: no list, no function. What is given instead is not repeated:
 * an address may hold a password. With `known`, a name that is none of them is refused, and told beside the one
 * that may have been meant; one whose value is `undefined` asks for nothing, and passes.
 */
export function fields<T extends object>(
  name: string,
  value: T,
  where: Where,
  known?: Known<NoInfer<T>>,
): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unwantedSecret(name, value, 'an object', where)
  if (known === undefined) return value
  // What comes from a prototype is read as well.
  for (const key in value)
    if ((known as Readonly<Record<string, unknown>>)[key] !== true && value[key] !== undefined)
      throw unknownName(name, key, Object.keys(known), where)
  return value
}

function unknownName(
  name: string,
  key: string,
  known: readonly string[],
  where: Where,
): RejoinError {
  const said = JSON.stringify(key.slice(0, mostShown)).slice(1, -1)
  const option = name === 'options' ? said : `${name}.${said}`
  const meant = nearest(key, known)
  const hint = meant === undefined ? `there are ${known.join(', ')}` : `did you mean \`${meant}\`?`
  return new RejoinError('invalid_argument', `unknown option \`${option}\`: ${hint}`, {
    ...where,
    details: { option, given: 'unknown' },
  })
}

export function aFunction(name: string, value: unknown, where: Where): void {
  if (typeof value !== 'function') throw unwantedSecret(name, value, 'a function', where)
}

export function optionalFunction(name: string, value: unknown, where: Where): void {
  if (value !== undefined) aFunction(name, value, where)
}

/** What was plugged in, known by some of its methods. */
export function withMethods(
  name: string,
  value: unknown,
  methods: readonly string[],
  wanted: string,
  where: Where,
): void {
  const given = value as Record<string, unknown> | null | undefined
  const isObject = typeof given === 'object' && given !== null
  if (isObject && methods.every((method) => typeof given[method] === 'function')) return
  throw unwantedSecret(name, value, wanted, where)
}

/** Absent, or something that says whether it is aborted. */
export function abortSignal(value: unknown, where: Where): void {
  if (!isSignal(value)) throw unwanted('signal', value, 'an AbortSignal', where)
}

export function isSignal(value: unknown): boolean {
  if (value === undefined || value instanceof AbortSignal) return true
  // Of another realm, or a stand-in.
  const given = value as Partial<AbortSignal> | null
  return typeof given?.throwIfAborted === 'function' && typeof given.addEventListener === 'function'
}

export function optionalLogger(value: unknown, where: Where): void {
  if (value === undefined) return
  const methods = ['debug', 'info', 'warn', 'error']
  withMethods('logger', value, methods, 'a logger with debug, info, warn and error', where)
}

/** Absent, or where the time, timers and chance come from. */
export function optionalRuntime(value: unknown, where: Where): void {
  if (value === undefined) return
  const methods = ['now', 'monotonic', 'timer', 'sleep', 'randomBytes']
  withMethods('runtime', value, methods, 'a runtime, such as systemRuntime', where)
}

function refusal(name: string, given: string, wanted: string, where: Where): RejoinError {
  const message =
    given === 'missing'
      ? `${name} is missing: ${wanted}`
      : `${name} must be ${wanted}, not ${given}`
  return new RejoinError('invalid_argument', message, {
    ...where,
    details: { option: name, given },
  })
}

function shown(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > mostShown ? `${value.slice(0, mostShown)}…` : value)
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : kindOf(value)
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'bigint') return value >= 0n ? 'a bigint' : 'a negative bigint'
  if (typeof value !== 'object') return `a ${typeof value}`
  return 'then' in value ? 'a promise: await it first' : 'an object'
}

const mostShown = 40
const longestTimer = 2 ** 31 - 1
