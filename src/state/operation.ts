import type { StateObject } from '../contracts/index.ts'
import type { JsonText } from '../json/json-text.ts'
import type { PatchForm } from '../json/patch/patched.ts'
import type { Expected } from './state.ts'

/** A write that has been checked. Texts are compact JSON. */
export type Operation =
  | {
      readonly kind: 'set'
      readonly path: string
      readonly text: string
      readonly expected: Expected
    }
  | { readonly kind: 'push'; readonly list: string; readonly path: string; readonly text: string }
  | {
      readonly kind: 'patch'
      readonly path: string
      readonly text: string
      readonly form: PatchForm
      readonly expected: Expected
    }
  | { readonly kind: 'delete'; readonly path: string; readonly expected: Expected }
  | { readonly kind: 'clear'; readonly pattern: string }
  /** A delete, if it is due when its turn comes. */
  | { readonly kind: 'expire'; readonly path: string; readonly isDue: () => boolean }
  | { readonly kind: 'update'; readonly path: string; readonly change: Update }

export type Update = (object: StateObject | undefined) => unknown | JsonText | undefined
