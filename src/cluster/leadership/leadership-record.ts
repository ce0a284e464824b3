import { type StateObject, timeOf } from '../../contracts/index.ts'
import { plainAddress } from '../configuration/address.ts'

/**
 * Who leads a key, as somebody has decided it. An ordinary object that replicates as all do; its time is the term:
 * of two, the later one stands, on every server.
 */
export interface LeadershipRecord {
  readonly pattern: string
  readonly leader: string
  /** Who led before. */
  readonly previous?: string
  /** Nanoseconds since 1970. */
  readonly term: bigint
}

/** Where the record of a key stands: `cluster/` and the hex of its pattern, which alone may hold a `*`. */
export function recordPath(pattern: string): string {
  return `cluster/${hexOf(pattern)}`
}

/** As a segment of a path: keys and addresses hold what one may not. */
export function hexOf(text: string): string {
  return [...text].map((letter) => letter.charCodeAt(0).toString(16).padStart(2, '0')).join('')
}

/** What is stored as a record. */
export function recordData(
  pattern: string,
  leader: string,
  previous?: string,
): Record<string, unknown> {
  return { pattern, leader, ...(previous !== undefined && { previous }) }
}

/** Reads the record of a key; `undefined` for what is none. */
export function recordOf(
  pattern: string,
  object: StateObject | undefined,
): LeadershipRecord | undefined {
  const data = object?.data as Partial<Record<string, unknown>> | null | undefined
  if (object === undefined || typeof data !== 'object' || data === null) return undefined
  const [leader, previous] = [data.leader, data.previous].map(plainAddress)
  if (data.pattern !== pattern || leader === undefined) return undefined
  return { pattern, leader, ...(previous !== undefined && { previous }), term: timeOf(object) }
}
