import { z } from 'zod'
import { RejoinError } from '../../errors/index.ts'
import { start } from '../../version/index.ts'
import { originSchema, ownCursor } from './wire.ts'

const whole = z
  .string()
  .regex(/^[1-9][0-9]{0,14}$/, 'is not a whole number above 0')
  .transform(Number)

export const helloQuery = z.strictObject({ origin: originSchema.optional() })
export const pushQuery = z.strictObject({ origin: originSchema })
export const noQuery = z.strictObject({})
export const pullQuery = z.strictObject({
  after: ownCursor.default(start),
  count: whole.default(1000),
  bytes: whole.default(1024 * 1024),
  'not-via': originSchema.optional(),
})

/** Reads the query of a URL; throws `invalid_argument` naming what is wrong, unknown or given twice. */
export function readQuery<T extends z.ZodType>(schema: T, url: URL): z.output<T> {
  const given: Record<string, string> = Object.create(null)
  for (const [name, value] of url.searchParams) {
    if (name in given) throw refused(`${shown(name)} is given twice`)
    given[name] = value
  }
  return parsed(schema, { ...given }, refused)
}

/** Parses what came in; what is wrong with it is said by `refuse`. */
export function parsed<T extends z.ZodType>(
  schema: T,
  value: unknown,
  refuse: (problem: string) => Error,
): z.output<T> {
  const result = schema.safeParse(value, { reportInput: true })
  if (result.success) return result.data
  throw refuse(result.error.issues.map(inWords).slice(0, 3).join('; '))
}

/** In our words where zod's would be about its types. */
function inWords(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `${issue.keys.map(shown).join(', ')} is unknown`
  const name = issue.path.map((key) => shown(String(key))).join('.')
  return `${name} ${problemIn(issue)}`.trim()
}

function problemIn(issue: z.core.$ZodIssue): string {
  if (issue.code === 'too_big') return `is too long, at most ${issue.maximum} are allowed`
  if (issue.code !== 'invalid_type') return issue.message
  return issue.input === undefined
    ? 'is missing'
    : `must be ${forms[issue.expected] ?? issue.expected}`
}

const forms: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  number: 'a number',
  object: 'an object',
  string: 'a string',
}

function refused(problem: string): RejoinError {
  return new RejoinError('invalid_argument', `query: ${problem}`, {
    operation: 'serve',
    component: 'transport/http',
  })
}

// What strangers send is repeated to them shortened.
function shown(name: string): string {
  return JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name)
}
