/**
 * What schema libraries have agreed on (https://standardschema.dev, version 1): zod, valibot, arktype and
 * others make such objects. Only what is used here.
 */
export interface StandardSchema<Input = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult | Promise<StandardResult>
    /** Only for the type checker. */
    readonly types?: { readonly input: Input; readonly output: unknown } | undefined
  }
}

export type StandardResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

export interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

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
