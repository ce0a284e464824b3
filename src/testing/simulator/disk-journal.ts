import { systemRuntime } from '../../runtime/index.ts'
import type { Journal } from '../../store/memory/index.ts'
import type { Disk } from './disk.ts'
import type { Fence } from './fence.ts'

/**
 * A journal in one file of a simulated disk. A record is its length in bytes (8 hexadecimal digits), a
 * checksum (8 characters), its text and a line feed: what a crash tore is told from what is whole.
 */
export function diskJournal(disk: Disk, name: string, fence: Fence): Journal {
  const file = disk.open(name, fence)
  return {
    async records() {
      const found = recordsIn(await file.read())
      if (found.torn) await file.truncate(found.end)
      return found.records
    },
    async append(record) {
      file.append(framed(record))
      await file.flush()
    },
    async close() {},
  }
}

/** What a journal's bytes hold: whole records up to `end`, and whether anything follows. */
export interface FoundRecords {
  readonly records: readonly string[]
  readonly end: number
  readonly torn: boolean
}

export function recordsIn(bytes: Uint8Array): FoundRecords {
  const records: string[] = []
  let end = 0
  while (end < bytes.length) {
    const record = recordAt(bytes, end)
    if (record === undefined) return { records, end, torn: true }
    records.push(record.text)
    end = record.end
  }
  return { records, end, torn: false }
}

function framed(record: string): Uint8Array {
  const body = new TextEncoder().encode(`${checksumOf(record)}${record}\n`)
  const length = body.length - checksumLength - 1
  const head = new TextEncoder().encode(length.toString(16).padStart(lengthDigits, '0'))
  const bytes = new Uint8Array(head.length + body.length)
  bytes.set(head)
  bytes.set(body, head.length)
  return bytes
}

function recordAt(bytes: Uint8Array, at: number): { text: string; end: number } | undefined {
  const from = at + lengthDigits + checksumLength
  const head = decoder.decode(bytes.subarray(at, from))
  const digits = head.slice(0, lengthDigits)
  if (!/^[0-9a-f]{8}$/.test(digits)) return undefined
  const end = from + Number.parseInt(digits, 16)
  if (bytes[end] !== lineFeed) return undefined
  const text = decoder.decode(bytes.subarray(from, end))
  return checksumOf(text) === head.slice(lengthDigits) ? { text, end: end + 1 } : undefined
}

function checksumOf(text: string): string {
  return systemRuntime.sha256(text).slice(0, checksumLength)
}

const lengthDigits = 8
const checksumLength = 8
const lineFeed = 10
// A byte order mark is part of the text; what is not UTF-8 fails its checksum.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
