import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runScript } from './fixtures/child-process.ts'
import { useFolder } from './fixtures/folder.ts'
import { schema } from './fixtures/schema.ts'
import { type Connection, SqliteFile } from './index.ts'

const folder = useFolder()
const readonlyEpisode = new URL('./fixtures/readonly-episode.ts', import.meta.url)
const isRoot = process.getuid?.() === 0
const canMount = isRoot && tryToMount()

const insert = (text: string) => (tx: Connection) => {
  tx.run('INSERT INTO item (text) VALUES (?)', text)
}

function texts(file: SqliteFile): unknown[] {
  return file.read((db) => db.all('SELECT text FROM item ORDER BY id')).map(({ text }) => text)
}

describe('a full disk', () => {
  it('L4: rejects what does not fit, keeps what fits, and recovers without a restart', async () => {
    const file = await SqliteFile.open({ ...schema, path: folder('a.db') })
    await file.write(insert('before'))
    const pages = file.read((db) => db.get('PRAGMA page_count'))?.page_count as number
    file.read((db) => db.get(`PRAGMA max_page_count = ${pages + 2}`))
    const large = 'x'.repeat(20_000)
    const results = await Promise.allSettled([
      file.write(insert('small')),
      file.write(insert(large)),
      file.write(insert('small too')),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(results[1]).toMatchObject({
      reason: { code: 'storage_full', retryable: true, operation: 'write' },
    })
    expect(texts(file)).toEqual(['before', 'small', 'small too'])
    file.read((db) => db.get('PRAGMA max_page_count = 1000000'))
    await file.write(insert(large))
    expect(texts(file)).toHaveLength(4)
    await file.close()
  })

  it('L4: an error that the callback swallows does not let half a write through', async () => {
    const file = await SqliteFile.open({ ...schema, path: folder('a.db') })
    file.read((db) => db.get('PRAGMA max_page_count = 8'))
    const swallow = (tx: Connection) => {
      insert('half')(tx)
      try {
        insert('x'.repeat(50_000))(tx)
      } catch {}
    }
    const results = await Promise.allSettled([file.write(insert('a')), file.write(swallow)])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(texts(file)).toEqual(['a'])
    await file.close()
  })

  it('a real one is told as such, and recovers without a restart', async ({ skip }) => {
    skip(!canMount, 'only root can mount a small disk')
    const disk = folder('disk')
    await withDisk(disk, '512k', async () => {
      const file = await SqliteFile.open({ ...schema, path: join(disk, 'a.db') })
      await file.write(insert('before'))
      writeFileSync(join(disk, 'ballast'), Buffer.alloc(256 * 1024))
      let stored = 1
      const fill = async () => {
        for (; ; stored++) await file.write(insert(`${stored} ${'x'.repeat(3_000)}`))
      }
      await expect(fill()).rejects.toMatchObject({ code: 'storage_full', retryable: true })
      await expect(file.write(insert('y'.repeat(30_000)))).rejects.toMatchObject({
        code: 'storage_full',
      })
      expect(texts(file)).toHaveLength(stored)
      const other = SqliteFile.open({ ...schema, path: join(disk, 'b.db') })
      await expect(other).rejects.toMatchObject({ code: 'storage_full', operation: 'open' })
      rmSync(join(disk, 'ballast'))
      await file.write(insert('after'))
      expect(texts(file)).toHaveLength(stored + 1)
      await file.close()
      await (await SqliteFile.open({ ...schema, path: join(disk, 'b.db') })).close()
    })
  })
})

describe('no permission to write', () => {
  it('meets writes only, and ends without a restart', async ({ skip }) => {
    skip(!isRoot, 'only root can become somebody else')
    expect(await runScript(readonlyEpisode, folder(''))).toBe('done\n')
  })

  it('a file system that is read-only is said to be so', async ({ skip }) => {
    skip(!canMount, 'only root can mount a disk')
    const disk = folder('disk')
    await withDisk(disk, '1m', async () => {
      const path = join(disk, 'a.db')
      await (await SqliteFile.open({ ...schema, path })).close()
      run('mount', ['-o', 'remount,ro', disk])
      await expect(SqliteFile.open({ ...schema, path })).rejects.toMatchObject({
        code: 'storage_readonly',
      })
      await expect(
        SqliteFile.open({ ...schema, path: join(disk, 'new.db') }),
      ).rejects.toMatchObject({ code: 'storage_readonly' })
      await using file = await SqliteFile.open({ ...schema, path, readonly: true })
      expect(texts(file)).toEqual([])
    })
  })
})

async function withDisk(path: string, size: string, work: () => Promise<void>): Promise<void> {
  mkdirSync(path)
  run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path])
  try {
    await work()
  } finally {
    run('umount', [path])
  }
}

function tryToMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'rejoin-sqlite-mount-'))
  try {
    run('mount', ['-t', 'tmpfs', 'tmpfs', path])
    run('umount', [path])
    return true
  } catch {
    return false
  } finally {
    rmdirSync(path)
  }
}

function run(program: string, options: readonly string[]): void {
  execFileSync(program, options, { stdio: 'pipe' })
}
