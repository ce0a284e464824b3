import { RejoinError } from '../errors/index.ts'
import { sourceTextJson } from './source-text.ts'

/** A number that JavaScript would round: its JSON text, exactly. `JSON.stringify` writes it as it is. */
export class JsonNumber {
  readonly source: string

  /** Throws `invalid_argument` for what is not a JSON number. */
  constructor(source: string) {
    if (!form.test(source)) throw notNumber(source)
    this.source = source
  }

  /** Rounded to what JavaScript can hold. */
  valueOf(): number {
    return Number(this.source)
  }

  toString(): string {
    return this.source
  }

  toJSON(): object {
    return sourceTextJson.rawJSON(this.source)
  }
}

function notNumber(source: string): RejoinError {
  return new RejoinError('invalid_argument', `not a JSON number: ${source.slice(0, 40)}`, {
    operation: 'parse',
    component: 'json',
  })
}

const form = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/
