import type { CustomCondition } from './when.ts'

/** A `When`, checked and in one form. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | Leaf

/** Something to ask of a conflict. Values are sorted, each once. */
export type Leaf =
  | ListLeaf
  | { readonly kind: 'metadata'; readonly entries: readonly (readonly [string, unknown])[] }
  | { readonly kind: 'custom'; readonly name: string; readonly holds: CustomCondition }

export interface ListLeaf {
  readonly kind: 'type' | 'aggregate' | 'field' | 'origin' | 'relation'
  readonly values: readonly string[]
}

/** Holds for every conflict. */
export const always: Condition = { kind: 'and', of: [] }

/** Equal for equal conditions, whatever the order they were written in. */
export function textOf(condition: Condition): string {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return `${condition.kind}(${condition.of.map(textOf).toSorted().join(',')})`
    case 'not':
      return `not(${textOf(condition.of)})`
    case 'metadata':
      return `metadata${JSON.stringify(condition.entries)}`
    case 'custom':
      return `custom${JSON.stringify(condition.name)}`
    default:
      return `${condition.kind}${JSON.stringify(condition.values)}`
  }
}
