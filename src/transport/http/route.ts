import type { Answer } from './answer.ts'
import type { Allowance } from './budget.ts'

/** Answers one call, or begins an answer that goes on; what it throws becomes an error answer. */
export type Route = (call: Call) => Promise<Answer | Response>

export interface Call {
  readonly request: Request
  readonly url: URL
  readonly allowance: Allowance
}

/** By path below the base. */
export type Routes = Readonly<Record<string, Methods>>
export type Methods = Readonly<Record<string, Route>>
