import { parseJson, parseLossless } from '../json/index.ts'
import type { StateChange } from './state-change.ts'
import { indexOfPath } from './state-path.ts'

/**
 * What stands at a path. The data is carried as text and parsed when first asked for; numbers that JavaScript
 * would round come as `bigint` or `JsonNumber`, and `dataText` is exact in any case.
 */
export class StateObject<Data = unknown> {
  /** Nanoseconds since 1970 of the first write. */
  readonly created: bigint
  /** Of the last write; 0 as long as there was only the first. */
  readonly updated: bigint
  readonly path: string
  /** Exact JSON. */
  readonly dataText: string

  #data: Data | undefined

  constructor({ created, updated, path, dataText }: StateObjectInit) {
    this.created = created
    this.updated = updated
    this.path = path
    this.dataText = dataText
  }

  /** The last segment of its path. */
  get index(): string {
    return indexOfPath(this.path)
  }

  /** Parsed once, and shared by all who ask: don't change it. Keys such as `__proto__` are just names. */
  get data(): Data {
    if (this.#data === undefined) this.#data = parseLossless(this.dataText) as Data
    return this.#data as Data
  }

  /** The object on the wire, its times digit for digit. */
  get text(): string {
    const { created, updated, index, path, dataText } = this
    return `{"created":${created},"updated":${updated},"index":"${index}","path":"${path}","data":${dataText}}`
  }

  /** For a look at it: times as strings, and data as far as JavaScript's numbers go. `text` is exact. */
  toJSON(): object {
    const { created, updated, index, path } = this
    const data = parseJson(this.dataText)
    return { created: String(created), updated: String(updated), index, path, data }
  }
}

/** What stands where nothing stands, on the wire. */
export const emptyObjectText = '{"created":0,"updated":0,"index":"","data":{}}'

/** The change as an object; `undefined` for a tombstone. */
export function objectOf<Data = unknown>(
  change: StateChange | undefined,
): StateObject<Data> | undefined {
  if (change === undefined || change.dataText === null) return undefined
  return new StateObject<Data>(change as StateObjectInit)
}

export type StateObjectInit = Pick<StateObject, 'created' | 'updated' | 'path' | 'dataText'>
