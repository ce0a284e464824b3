import { contentHash, type NewEvent } from '../../src/event/index.ts'
import { systemRuntime, uuidv7 } from '../../src/runtime/index.ts'

/** A row of the table `events`, in the order of its columns: what our store makes of an event. */
export type EventRow = readonly [
  position: number,
  id: Uint8Array,
  aggregate: number,
  type: number,
  origin: number,
  sequence: number,
  stamp: bigint,
  parents: Uint8Array | null,
  schema: number,
  hash: string,
  metadata: string,
  data: string,
  via: number | null,
  stub: null,
]

export const insertSql = `INSERT INTO events VALUES (${Array(14).fill('?')})`

/** Numbers for names, in the order they are met. */
export class Names {
  readonly #keys = new Map<string, number>()

  key(name: string): number {
    const key = this.#keys.get(name) ?? this.#keys.size + 1
    this.#keys.set(name, key)
    return key
  }

  all(): readonly (readonly [name: string, key: number])[] {
    return [...this.#keys]
  }
}

export interface PreparedRows {
  readonly rows: EventRow[]
  readonly aggregates: Names
  readonly types: Names
}

/** The rows our store would write for these events: chained by aggregate, ids in arrival order. */
export function rowsOf(events: readonly NewEvent[]): PreparedRows {
  const freshId = uuidv7(systemRuntime)
  const aggregates = new Names()
  const types = new Names()
  const last = new Map<number, Uint8Array>()
  let stamp = BigInt(Date.now()) * 1_000_000n
  const rows = events.map(({ type, aggregateId, data }, index): EventRow => {
    const id = freshId()
    const key = Buffer.from(id.replaceAll('-', ''), 'hex')
    const aggregate = aggregates.key(aggregateId)
    const dataText = JSON.stringify(data)
    const content = { id, type, aggregateId, schemaVersion: 1, metadataText: '', dataText }
    const hash = contentHash(content, systemRuntime)
    const parents = last.get(aggregate) ?? null
    last.set(aggregate, key)
    stamp += 1n
    const at = index + 1
    return [
      at,
      key,
      aggregate,
      types.key(type),
      1,
      at,
      stamp,
      parents,
      1,
      hash,
      '',
      dataText,
      null,
      null,
    ]
  })
  return { rows, aggregates, types }
}
