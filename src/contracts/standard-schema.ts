/**
 * What schema libraries have agreed on (https://standardschema.dev, version 1): zod, valibot, arktype and
 * others make such objects. Only what is used here.
 */
export interface StandardSchema<Input = unknown, Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>
    /** Only for the type checker. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
    /** Where the library follows Standard JSON Schema too. */
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: 'draft-2020-12' }) => object
      readonly output: (options: { readonly target: 'draft-2020-12' }) => object
    }
  }
}

export type StandardResult<Output = unknown> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

export interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}
