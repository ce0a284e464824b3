import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { useFolder } from './fixtures/folder.ts'
import { schema } from './fixtures/schema.ts'
import { integrityCheck, SqliteFile } from './index.ts'

const folder = useFolder()
const writer = new URL('./fixtures/acknowledging-writer.ts', import.meta.url)

it('L1, L4: after kill -9 under load every acknowledged write is there, and no half one', async () => {
  const path = folder('a.db')
  const acknowledged: string[] = []
  for (let round = 0; round < 4; round++) {
    acknowledged.push(...(await runAndKill(path, `${round}`, 40 + round * 60)))
    const file = await SqliteFile.open({ ...schema, path })
    const stored = new Set(
      file.read((db) => db.all('SELECT text FROM item')).map(({ text }) => text),
    )
    await file.close()
    expect(acknowledged.filter((text) => !stored.has(text))).toEqual([])
    expect(stored.size % 3).toBe(0)
  }
  expect(acknowledged.length).toBeGreaterThan(100)
  expect(await integrityCheck(path)).toEqual([])
})

it('L4: a WAL cut anywhere holds whole writes, the first ones, and opens', async () => {
  const path = folder('a.db')
  const file = await SqliteFile.open({ ...schema, path })
  for (let i = 0; i < 10; i++)
    await file.write((tx) => {
      tx.run('INSERT INTO item (id, text) VALUES (?, ?)', i, `${i}`)
      tx.run('INSERT INTO note (item, text) VALUES (?, ?)', i, 'x'.repeat(5_000))
    })
  mkdirSync(folder('cut'))
  const cut = join(folder('cut'), 'a.db')
  const { length } = readFileSync(`${path}-wal`)
  const counts = new Set<number>()
  for (let size = length; size >= 0; size -= 4_321) {
    for (const ending of ['', '-wal']) copyFileSync(path + ending, cut + ending)
    truncateSync(`${cut}-wal`, size)
    const opened = await SqliteFile.open({ ...schema, path: cut, durability: 'normal' })
    const items = opened.read((db) => db.all('SELECT id FROM item ORDER BY id'))
    const notes = opened.read((db) => db.all('SELECT item AS id FROM note ORDER BY item'))
    await opened.close()
    expect(items).toEqual(items.map((_, id) => ({ id })))
    expect(notes).toEqual(items)
    counts.add(items.length)
  }
  expect([...counts].sort((a, b) => b - a)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
  await file.close()
})

/** Kills the writer `ms` after its first acknowledgement; gives what it had acknowledged. */
function runAndKill(path: string, name: string, ms: number): Promise<string[]> {
  const child = spawn(process.execPath, [fileURLToPath(writer), path, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output === '') setTimeout(() => child.kill('SIGKILL'), ms)
    output += text
  })
  // The last line may be cut; it was acknowledged all the same, but nobody has read that.
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => resolve(output.split('\n').slice(0, -1)))
  })
}
