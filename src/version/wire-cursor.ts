import { byBytes, goString, isNull, readFields, scanJson, stringField } from '../json/index.ts'
import { counterOf, countersOf, refused } from './counter.ts'

/*
 * A cursor of go-sync-kit as it travels:
 *
 *   {"kind":"integer","data":42}                   a position in one log
 *   {"kind":"vector","data":{"a":1,"b":2}}         counters by node
 */

/** Counters are uint64, exact. A vector of `null` is Go's nil map. */
export type WireCursor =
  | { readonly kind: 'integer'; readonly data: bigint }
  | { readonly kind: 'vector'; readonly data: ReadonlyMap<string, bigint> | null }

/** A cursor whose data nobody has looked at yet: `data` is its JSON text. */
export interface RawWireCursor {
  readonly kind: string
  readonly data: string
}

/**
 * Reads a cursor from its JSON text, keys in any case. Throws `invalid_argument` (`too_large` for more than
 * 64 KiB of data) in go-sync-kit's words, as far as they are not Go's own.
 */
export function parseWireCursor(text: string): WireCursor {
  if (scanJson(text, deepest) >= 0) throw refused('invalid_argument', 'not JSON', 'parse')
  const value = text.trim()
  const span = { from: 0, to: value.length }
  if (isNull(value, span)) return decodeWireCursor(null)
  const raw = { kind: '', data: '' }
  const problem = readFields(value, span, 'a cursor', {
    kind: stringField('kind', (kind) => {
      raw.kind = kind
    }),
    data: (whole, { from, to }) => {
      raw.data = whole.slice(from, to)
      return undefined
    },
  })
  if (problem !== undefined) throw refused('invalid_argument', problem, 'parse')
  return decodeWireCursor(raw)
}

/** Looks at the data of a cursor. Whether there is one is checked first, then its size, then its kind. */
export function decodeWireCursor(raw: RawWireCursor | null): WireCursor {
  if (raw === null) throw refused('invalid_argument', 'nil wire cursor', 'parse')
  const { kind, data } = raw
  const bytes = new TextEncoder().encode(data).byteLength
  if (bytes > mostBytes)
    throw refused('too_large', `cursor payload too large: ${bytes} bytes`, 'parse')
  if (kind === 'integer') return { kind, data: integerOf(data) }
  if (kind === 'vector') return { kind, data: vectorOf(data) }
  throw refused('invalid_argument', `unknown cursor kind: ${shortened(kind)}`, 'parse')
}

/** A cursor as Go writes it, byte for byte: keys sorted, zero counters kept. */
export function encodeWireCursor({ kind, data }: WireCursor): string {
  return `{"kind":"${kind}","data":${typeof data === 'bigint' ? data : vectorText(data)}}`
}

/** Whether a cursor stands at the beginning: integer 0, or a vector that names nobody. */
export function isZeroCursor({ data }: WireCursor): boolean {
  return typeof data === 'bigint' ? data === 0n : data === null || data.size === 0
}

/** Counters by node as a JSON object, keys sorted as Go sorts them. */
export function vectorText(vector: ReadonlyMap<string, bigint> | null): string {
  if (vector === null) return 'null'
  const keys = [...vector.keys()].sort(byBytes)
  return `{${keys.map((key) => `${goString(key)}:${vector.get(key)}`).join(',')}}`
}

function integerOf(data: string): bigint {
  const counter = data === 'null' ? 0n : counterOf(data)
  if (counter !== undefined) return counter
  throw refused('invalid_argument', 'cursor data must be a whole number of 64 bits', 'parse')
}

function vectorOf(data: string): ReadonlyMap<string, bigint> | null {
  if (data === 'null') return null
  const counters = countersOf(data)
  if (counters !== undefined) return counters
  throw refused('invalid_argument', 'cursor data must be an object of whole numbers', 'parse')
}

// What strangers send is repeated to them shortened.
function shortened(kind: string): string {
  return kind.length > 40 ? `${kind.slice(0, 40)}…` : kind
}

const mostBytes = 65_536
const deepest = 10_000
