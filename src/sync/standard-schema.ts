import type { StandardIssue, StandardSchema } from '../contracts/index.ts'

export function isStandardSchema(value: unknown): value is StandardSchema {
  // Some libraries' schemas are functions.
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  const standard = (value as Partial<StandardSchema>)['~standard']
  return standard?.version === 1 && typeof standard.validate === 'function'
}

/** Where in an event's data an issue is: `data.items[2].price`. */
export function pathOf({ path = [] }: StandardIssue): string {
  return `data${path.map(step).join('')}`
}

function step(one: PropertyKey | { readonly key: PropertyKey }): string {
  const key = typeof one === 'object' ? one.key : one
  if (typeof key === 'number') return `[${key}]`
  const name = String(key)
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
}
