import { indexOfPath, StateObject } from '../../contracts/index.ts'
import { compactJson, elementsOf, membersOf, scanJson } from '../../json/index.ts'

/** Deeper than data may be: objects in a list in a message around it. */
export const deepest = 140

/** A text as the code here reads it: without white space between its tokens. Throws a `Malformed`. */
export function checkedJson(text: string): string {
  const problem = scanJson(text, deepest)
  if (problem >= 0) throw new Malformed(`no JSON, see character ${problem}`)
  return compactJson(text)
}

/**
 * An object as it is on the wire; `undefined` for the empty object, which stands for nothing. The text must be
 * checked. Throws a `Malformed` for anything else.
 */
export function readObject(text: string, pattern: string): StateObject | undefined {
  if (!text.startsWith('{')) throw new Malformed('an object is wanted')
  const fields = new Map<string, string>()
  for (const { key, from, to } of membersOf(text, 0)) fields.set(key, text.slice(from, to))
  const created = timeIn(fields, 'created')
  if (created === 0n) return undefined
  const path = pathIn(fields, pattern)
  const dataText = fields.get('data')
  if (dataText === undefined) throw new Malformed('an object without "data"')
  return new StateObject({ created, updated: timeIn(fields, 'updated'), path, dataText })
}

/** A list of them, each as text. The text must be checked. */
export function readList(text: string): readonly string[] {
  // Go's way to say that there are none.
  if (text === 'null') return []
  if (!text.startsWith('[')) throw new Malformed('a list is wanted')
  return [...elementsOf(text, 0)].map(({ from, to }) => text.slice(from, to))
}

/** Not what a state server says. */
export class Malformed extends Error {}

function timeIn(fields: ReadonlyMap<string, string>, name: string): bigint {
  const text = fields.get(name) ?? ''
  if (/^(0|-?[1-9][0-9]{0,18})$/.test(text)) return BigInt(text)
  throw new Malformed(`"${name}" is not a time`)
}

function pathIn(fields: ReadonlyMap<string, string>, pattern: string): string {
  const path = stringIn(fields, 'path')
  if (path !== undefined) return path
  // Older servers tell only the last segment.
  const index = stringIn(fields, 'index') ?? indexOfPath(pattern)
  return `${pattern.slice(0, pattern.lastIndexOf('/') + 1)}${index}`
}

function stringIn(fields: ReadonlyMap<string, string>, name: string): string | undefined {
  const text = fields.get(name)
  if (text === undefined || text === '""') return undefined
  if (!text.startsWith('"')) throw new Malformed(`"${name}" is not a string`)
  return JSON.parse(text) as string
}
