import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { useFolder } from './fixtures/folder.ts'
import { crash, patch, sql } from './fixtures/raw-file.ts'
import { openUnseen } from './frozen.ts'
import { readWal } from './wal.ts'

const folder = useFolder()

/** A database with four versions in its WAL, the newest of them 5. */
function prepare(): string {
  const path = folder('a.db')
  sql(path, 'PRAGMA page_size = 512; PRAGMA journal_mode = WAL; PRAGMA user_version = 1')
  const commits = [2, 3, 4, 5].map((n) => `PRAGMA user_version = ${n}; CREATE TABLE t${n} (a)`)
  crash(path, `PRAGMA wal_autocheckpoint = 0; ${commits.join(';')}`)
  return path
}

it('cut or damaged anywhere in the last commits, a WAL holds what SQLite finds in it', () => {
  const path = prepare()
  const whole = readFileSync(`${path}-wal`)
  const versions = new Set<number>()
  for (let length = whole.length; length >= 0; length -= 61) {
    const damaged = Buffer.from(whole)
    damaged[length] = (damaged[length] ?? 0) ^ 1
    for (const bytes of [whole.subarray(0, length), damaged.subarray(0, whole.length)]) {
      writeFileSync(`${path}-wal`, bytes)
      const ours = readWal(`${path}-wal`)
      const page = ours?.firstPage ?? readFileSync(path)
      const version = Buffer.from(page).readUInt32BE(60)
      expect([version, ours?.pageCount]).toEqual(bySqlite(path, ours !== undefined))
      versions.add(version)
    }
  }
  expect([...versions].sort()).toEqual([1, 2, 3, 4, 5])
})

it('knows which pages it holds, and how many there are', () => {
  const wal = readWal(`${prepare()}-wal`)
  expect(wal).toMatchObject({ pageCount: 5, pageSize: 512 })
  expect([...(wal?.pages ?? [])].sort()).toEqual([1, 2, 3, 4, 5])
})

it('reads the byte order of other machines', () => {
  const path = prepare()
  const bytes = readFileSync(`${path}-wal`)
  // The same frames as a big-endian machine would have written them.
  bytes.writeUInt32BE(0x377f0683, 0)
  let sum = checksum(bytes.subarray(0, 24), [0, 0])
  bytes.writeUInt32BE(sum[0], 24)
  bytes.writeUInt32BE(sum[1], 28)
  for (let at = 32; at < bytes.length; at += 24 + 512) {
    sum = checksum(bytes.subarray(at, at + 8), sum)
    sum = checksum(bytes.subarray(at + 24, at + 24 + 512), sum)
    bytes.writeUInt32BE(sum[0], at + 16)
    bytes.writeUInt32BE(sum[1], at + 20)
  }
  writeFileSync(`${path}-wal`, bytes)
  expect(readWal(`${path}-wal`)?.pageCount).toBe(5)
  expect(bySqlite(path, true)).toEqual([5, 5])
})

it.each([
  ['a page size that is none', 8, '\0\0\x03\xe8'],
  ['another version of the format', 4, '\0\0\0\x01'],
  ['another magic number', 0, 'WAL?'],
])('takes nothing from a WAL with %s', (_, offset, text) => {
  const path = prepare()
  patch(`${path}-wal`, offset, text)
  expect(readWal(`${path}-wal`)).toBe(undefined)
})

it('finds nothing where there is no WAL', () => {
  expect(readWal(folder('nothing-wal'))).toBe(undefined)
})

function bySqlite(path: string, hasWal: boolean): [number, number | undefined] {
  const db = openUnseen(path)
  const { user_version } = db.prepare('PRAGMA user_version').get() ?? {}
  const { page_count } = db.prepare('PRAGMA page_count').get() ?? {}
  db.close()
  return [user_version as number, hasWal ? (page_count as number) : undefined]
}

function checksum(bytes: Buffer, [a, b]: [number, number]): [number, number] {
  for (let i = 0; i < bytes.length; i += 8) {
    a = (a + bytes.readUInt32BE(i) + b) >>> 0
    b = (b + bytes.readUInt32BE(i + 4) + a) >>> 0
  }
  return [a, b]
}
