import type { RulesInit } from '../conflict/index.ts'
import type { Node, Source } from './source.ts'

/** What a form of file is read with. */
export interface FormContext {
  readonly source: Source
  /** Names that the application gives to its functions. */
  readonly resolvers: readonly string[]
  readonly conditions: readonly string[]
  readonly conflictKeys: readonly string[]
  readonly places: Places
}

/** Where the rules stand in the file. */
export interface Places {
  /** By the name that warnings use: `group.rule`. */
  readonly rules: Map<string, Node>
  /** The map that a rule, a group or a condition was made from. */
  readonly objects: WeakMap<object, Node>
}

/** Reads the top of a file; what it answers is only good when the source has no errors. */
export type Form = (top: Node, context: FormContext) => RulesInit
