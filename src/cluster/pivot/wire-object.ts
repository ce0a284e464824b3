import { objectOf, type StateChange } from '../../contracts/index.ts'
import {
  compactJson,
  elementsOf,
  type FieldReader,
  isNull,
  readFields,
  type Span,
  scanJson,
  stringField,
} from '../../json/index.ts'

/** An object as the 2.0 routes carry it: its times digit for digit (T4), its data as exact text. */
export interface WireObject {
  readonly created: bigint
  readonly updated: bigint
  /** The last segment of its path; empty when none is said. */
  readonly index: string
  /** JSON without white space between tokens. */
  readonly dataText: string
}

/** What can't be read, and why. */
export interface WireProblem {
  readonly index: string
  readonly problem: string
}

/** A write as it is sent. */
export function wireText(write: StateChange & { readonly dataText: string }): string {
  return (objectOf(write) as NonNullable<ReturnType<typeof objectOf>>).text
}

/** A body as Go reads it: keys in any case, unknown ones ignored. */
export function readObject(text: string): WireObject | WireProblem {
  const problem = jsonProblem(text)
  return problem === undefined ? objectIn(text, whole(text)) : { index: '', problem }
}

/** `problem` alone: it is no list at all. What is wrong with one of its objects does not hide the others. */
export function readList(
  text: string,
): readonly (WireObject | WireProblem)[] | { readonly problem: string } {
  const problem = jsonProblem(text)
  if (problem !== undefined) return { problem }
  const list = whole(text)
  // As Go writes an empty one.
  if (isNull(text, list)) return []
  if (text[list.from] !== '[') return { problem: 'it is no list' }
  return [...elementsOf(text, list.from)].map((element) => objectIn(text, element))
}

export function isProblem(one: WireObject | WireProblem): one is WireProblem {
  return 'problem' in one
}

/** What a number of nanoseconds says; `undefined` for what is no whole number that an int64 holds. */
export function int64(text: string): bigint | undefined {
  if (!integer.test(text)) return undefined
  const value = BigInt(text)
  return value >= -(2n ** 63n) && value < 2n ** 63n ? value : undefined
}

function objectIn(text: string, value: Span): WireObject | WireProblem {
  let created = 0n
  let updated = 0n
  let index = ''
  let data: string | undefined
  const problem = readFields(text, value, 'the object', {
    created: timeField('created', (time) => {
      created = time
    }),
    updated: timeField('updated', (time) => {
      updated = time
    }),
    index: stringField('index', (name) => {
      index = name
    }),
    data: (_text, { from, to }) => {
      data = compactJson(text.slice(from, to))
      return undefined
    },
  })
  if (problem !== undefined) return { index, problem }
  if (data === undefined) return { index, problem: 'data is missing' }
  return { created, updated, index, dataText: data }
}

function timeField(name: string, take: (time: bigint) => void): FieldReader {
  return (text, value) => {
    if (isNull(text, value)) return undefined
    const time = int64(text.slice(value.from, value.to))
    if (time === undefined) return `${name} must be a whole number of nanoseconds, an int64`
    if (time < 0n) return `${name} is below 0`
    take(time)
    return undefined
  }
}

function jsonProblem(text: string): string | undefined {
  if (text.trim() === '') return 'it is empty'
  const at = scanJson(text, deepest)
  return at < 0
    ? undefined
    : `it is no JSON at character ${at}, or nested more than ${deepest} deep`
}

function whole(text: string): Span {
  const from = text.length - text.trimStart().length
  return { from, to: text.trimEnd().length }
}

const integer = /^-?(?:0|[1-9][0-9]{0,18})$/
/** What data may be, and an object and a list around it. */
const deepest = 130
