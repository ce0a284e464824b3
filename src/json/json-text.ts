import { unwanted } from '../errors/check.ts'
import { RejoinError } from '../errors/index.ts'
import { compactJson } from './compact.ts'
import { stringifyLossless } from './lossless.ts'
import { scanJson } from './scan.ts'

/** Data that is JSON text already: stored digit for digit, without being parsed. */
export class JsonText {
  /** Without white space between tokens. */
  readonly text: string

  /** Throws `invalid_argument` for what is not one JSON value nested at most 128 deep. */
  constructor(text: string) {
    const problem = typeof text === 'string' ? scanJson(text, deepest) : 0
    if (problem >= 0) throw notJson(problem)
    this.text = compactJson(text)
  }
}

/** Any data as the text it is stored as; throws `invalid_argument` for what has no JSON form. */
export function jsonTextOf(data: unknown): string {
  if (data instanceof JsonText) return data.text
  // It would be stored as {}.
  if (isPromise(data)) throw unwanted('data', data, 'a value that has a JSON form', where)
  let text: string
  try {
    text = stringifyLossless(data)
  } catch (cause) {
    throw RejoinError.from(cause, { ...where, code: 'invalid_argument' })
  }
  // What a toJSON or a deep nesting has made of it.
  return new JsonText(text).text
}

function isPromise(data: unknown): boolean {
  return typeof (data as { readonly then?: unknown } | null | undefined)?.then === 'function'
}

function notJson(at: number): RejoinError {
  const message = `the data is no JSON, or nested more than ${deepest} deep: see character ${at}`
  return new RejoinError('invalid_argument', message, { ...where, details: { at } })
}

const deepest = 128
const where = { operation: 'write', component: 'state' }
