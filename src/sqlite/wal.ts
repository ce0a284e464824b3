import { closeSync, openSync, readSync } from 'node:fs'
import { endianness } from 'node:os'

/** What a write-ahead log holds that its main file may lack. */
export interface Wal {
  /** Pages of the database after the last commit. */
  readonly pageCount: number
  readonly pageSize: number
  /** The numbers of the pages the log holds. */
  readonly pages: ReadonlySet<number>
  /** The newest committed first page: the database's header and the root of its schema. */
  readonly firstPage: Uint8Array | undefined
}

/**
 * Reads a `-wal` file as SQLite's own recovery would, without SQLite and without a trace: frames count
 * as long as their salts and checksums fit, up to the last commit. Undefined when no commit is in it.
 *
 * Only ever the `-wal`: closing any descriptor of the main file or the `-shm` would drop the locks
 * that other connections of this process hold on them.
 */
export function readWal(path: string): Wal | undefined {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return scan(file)
  } finally {
    closeSync(file)
  }
}

/** Every page has to be somewhere: in the main file of so many bytes, or in the WAL. */
export function missingPage(wal: Wal, size: number): number | undefined {
  for (let page = Math.floor(size / wal.pageSize) + 1; page <= wal.pageCount; page++)
    if (!wal.pages.has(page)) return page
  return undefined
}

function scan(file: number): Wal | undefined {
  const header = readAt(file, 0, aligned(32))
  const start = header && parseHeader(header)
  if (!start) return undefined
  const { pageSize, isBigEndian, salts } = start
  let sum = start.sum
  let commit: Wal | undefined
  let firstPage: Uint8Array | undefined
  const fresh: number[] = []
  const pages = new Set<number>()
  const buffer = aligned(frameHeaderSize + pageSize)
  for (let offset = 32; ; offset += buffer.length) {
    const frame = readAt(file, offset, buffer)
    if (!frame || !salts.equals(frame.subarray(8, 16))) return commit
    sum = checksum(frame.subarray(0, 8), isBigEndian, sum)
    sum = checksum(frame.subarray(frameHeaderSize), isBigEndian, sum)
    if (frame.readUInt32BE(16) !== sum[0] || frame.readUInt32BE(20) !== sum[1]) return commit
    const page = frame.readUInt32BE(0)
    fresh.push(page)
    if (page === 1) firstPage = Uint8Array.from(frame.subarray(frameHeaderSize))
    const pageCount = frame.readUInt32BE(4)
    if (pageCount === 0) continue
    for (const number of fresh.splice(0)) pages.add(number)
    commit = { pageCount, pageSize, pages, firstPage }
  }
}

const frameHeaderSize = 24

type Sum = readonly [number, number]

function parseHeader(header: Buffer) {
  const magic = header.readUInt32BE(0)
  if ((magic & ~1) >>> 0 !== 0x377f0682 || header.readUInt32BE(4) !== 3_007_000) return undefined
  const pageSize = header.readUInt32BE(8)
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) return undefined
  const isBigEndian = (magic & 1) === 1
  const sum = checksum(header.subarray(0, 24), isBigEndian, [0, 0])
  if (header.readUInt32BE(24) !== sum[0] || header.readUInt32BE(28) !== sum[1]) return undefined
  return { pageSize, isBigEndian, sum, salts: header.subarray(16, 24) }
}

function checksum(bytes: Buffer, isBigEndian: boolean, [first, second]: Sum): Sum {
  const words = wordsOf(bytes, isBigEndian)
  for (let i = 0; i < words.length; i += 2) {
    first = (first + (words[i] as number) + second) | 0
    second = (second + (words[i + 1] as number) + first) | 0
  }
  return [first >>> 0, second >>> 0]
}

function wordsOf(bytes: Buffer, isBigEndian: boolean): Uint32Array {
  if (isBigEndian === (endianness() === 'BE'))
    return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
  const copy = Uint8Array.from(bytes)
  Buffer.from(copy.buffer).swap32()
  return new Uint32Array(copy.buffer)
}

/** A buffer that can be looked at as 32-bit words; those of the pool start anywhere. */
function aligned(length: number): Buffer {
  return Buffer.from(new ArrayBuffer(length))
}

/** Fills the buffer; undefined where the file is shorter. */
function readAt(file: number, offset: number, buffer: Buffer): Buffer | undefined {
  return readSync(file, buffer, 0, buffer.length, offset) === buffer.length ? buffer : undefined
}
