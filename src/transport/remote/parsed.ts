import type { z } from 'zod'

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

/** What strangers send, as it is repeated to them: shortened. */
export function shown(name: string): string {
  return JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name)
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
