import { pathProblem, type StateChange } from '../../contracts/index.ts'
import { hasRepeatedKey } from '../../event/frame-line.ts'
import type { FrameProblem } from '../../event/index.ts'

/** A change without its data. */
export interface ChangeHeader extends Omit<StateChange, 'dataText'> {
  readonly isTombstone: boolean
}

/**
 * Reads a header as it is nearly always written, without a note. Whatever else there is, good or bad, is
 * `undefined` and left to `readChangeHeader`; state-frame.test.ts shows that the two never disagree.
 */
export function readPlainChange(line: string): ChangeHeader | undefined {
  const found = form.exec(line)
  if (found === null) return undefined
  const [, path, created, updated, tombstone] = found as unknown as Found
  if (pathProblem(path, []) !== undefined) return undefined
  if (!isInt64(created) || !isInt64(updated)) return undefined
  const isTombstone = tombstone !== undefined
  if (isTombstone && created !== '0') return undefined
  return { path, created: BigInt(created), updated: BigInt(updated), note: '', isTombstone }
}

/** Checks a header; `line` is the text it was parsed from. */
export function readChangeHeader(parsed: object, line: string): ChangeHeader | FrameProblem {
  const header = parsed as WireHeader
  const problem = keyProblem(header, line) ?? placeProblem(header) ?? noteProblem(header)
  const { path, created, updated, tombstone, note = '' } = header
  if (problem !== undefined) return { problem, id: pathProblem(path, []) === undefined ? path : '' }
  const isTombstone = tombstone === true
  return { path, created: BigInt(created), updated: BigInt(updated), note, isTombstone }
}

/** A header as it should be; nothing has been checked yet. */
interface WireHeader {
  readonly path: string
  readonly created: string
  readonly updated: string
  readonly tombstone?: true
  readonly note?: string
}

// What we would skip would not be stored, so the next replica would not get it.
function keyProblem(header: WireHeader, line: string): string | undefined {
  const unknown = Object.keys(header).find((key) => !keys.has(key))
  if (unknown !== undefined)
    return `unknown key ${JSON.stringify(unknown.slice(0, 64))} in the header`
  return hasRepeatedKey(line, header) ? 'a key stands twice in the header' : undefined
}

function placeProblem({ path, created, updated, tombstone }: WireHeader): string | undefined {
  const badPath = pathProblem(path, [])
  if (badPath !== undefined) return `path ${badPath}`
  if (!isTime(created)) return 'created must be a decimal string below 2^63'
  if (!isTime(updated)) return 'updated must be a decimal string below 2^63'
  if (tombstone !== undefined && tombstone !== true) return 'tombstone must be true or left out'
  return tombstone && created !== '0' ? 'a tombstone was never created' : undefined
}

function noteProblem({ note }: WireHeader): string | undefined {
  if (note === undefined) return undefined
  if (typeof note !== 'string' || !note.isWellFormed()) return 'note must be a text'
  if (note === '') return 'an empty note is left out'
  return note.length > longestNote ? `note is longer than ${longestNote} characters` : undefined
}

function isTime(text: unknown): boolean {
  return typeof text === 'string' && decimal.test(text) && isInt64(text)
}

// Decimals of one length compare as their digits do.
function isInt64(digits: string): boolean {
  return digits.length < maxInt64.length || digits <= maxInt64
}

type Found = readonly [
  line: string,
  path: string,
  created: string,
  updated: string,
  tombstone: string | undefined,
]

const time = '"(0|[1-9][0-9]{0,18})"'
const form = new RegExp(
  `^\\{"path":"([A-Za-z0-9/\\-_.]{1,1024})","created":${time},"updated":${time}(,"tombstone":true)?\\}$`,
)
const keys: ReadonlySet<string> = new Set<keyof WireHeader>([
  'path',
  'created',
  'updated',
  'tombstone',
  'note',
])
const decimal = /^(0|[1-9][0-9]{0,18})$/
const maxInt64 = String(2n ** 63n - 1n)
const longestNote = 1024 * 1024
