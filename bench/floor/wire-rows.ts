import type { SQLInputValue } from 'node:sqlite'
import type { EventRow } from './event-rows.ts'

/** Rows as JSON, as many as a page holds: finished before anything is measured. */
export function serialisePage(rows: readonly EventRow[]): Buffer<ArrayBuffer> {
  return Buffer.from(JSON.stringify(rows.map(wireRow)))
}

/** The rows of a page, ready to be inserted. */
export function parsePage(page: string): SQLInputValue[][] {
  const rows = JSON.parse(page) as WireRow[]
  for (const row of rows) {
    row[idAt] = Buffer.from(row[idAt] as string, 'hex')
    row[stampAt] = BigInt(row[stampAt] as string)
    const parents = row[parentsAt]
    if (parents !== null) row[parentsAt] = Buffer.from(parents as string, 'hex')
  }
  return rows
}

type WireRow = SQLInputValue[]

function wireRow(row: EventRow): (string | number | null)[] {
  return row.map((value) => {
    if (typeof value === 'bigint') return String(value)
    return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
  })
}

const idAt = 1
const stampAt = 6
const parentsAt = 7
