import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { tempFolder } from '../../../test/e2e/temp-folder.ts'
import type { EventLine } from './event-line.ts'
import { leftSpoolOf, leftSpools, removeUnsealed, spoolPath } from './left-spools.ts'
import { Spool } from './spool.ts'

const most = { events: 2, bytes: 1_000 }

function line(number: number, dataText = '{}'): EventLine {
  return {
    line: number,
    id: `id-${number}`,
    givenId: number % 2 === 0,
    type: 'T',
    aggregateId: 'a',
    schemaVersion: 1,
    metadataText: '',
    dataText,
  }
}

function spoolIn(store: string): Spool {
  const spool = Spool.create(spoolPath(store))
  onTestFinished(() => spool.close())
  return spool
}

it('gives back what was put in, in chunks by number and by size', () => {
  const spool = spoolIn(join(tempFolder(), 'a.db'))
  const lines = [line(1), line(2), line(3), line(7, `"${'x'.repeat(1_000)}"`), line(9), line(10)]
  for (const each of lines) expect(spool.add(each)).toBe(undefined)
  spool.seal('digest')
  expect(spool.events).toBe(6)
  const chunks = [...spool.chunks(most)]
  expect(chunks.flat()).toEqual(lines)
  expect(chunks.map((chunk) => chunk.map((each) => each.line))).toEqual([[1, 2], [3], [7], [9, 10]])
})

it('gives the ids without what they carry, in chunks by number and by what that weighs', () => {
  const spool = spoolIn(join(tempFolder(), 'a.db'))
  for (const each of [
    line(1),
    line(2),
    line(3),
    line(7, `"${'é'.repeat(1_000)}"`),
    line(8),
    line(9),
  ])
    spool.add(each)
  spool.seal('digest')
  expect([...spool.ids('all', most)]).toEqual([
    ['id-1', 'id-2'],
    ['id-3'],
    ['id-7'],
    ['id-8', 'id-9'],
  ])
  expect([...spool.ids('given', most)]).toEqual([['id-2', 'id-8']])
  expect(spool.find('id-3')).toEqual(line(3))
  expect(spool.find('id-4')).toBe(undefined)
})

it('goes on where it was while a chunk is worked on', () => {
  const spool = spoolIn(join(tempFolder(), 'a.db'))
  for (let number = 1; number <= 450; number++) spool.add(line(number))
  spool.seal('digest')
  const chunks = [...spool.chunks({ events: 200, bytes: 1e6 })]
  expect(chunks.map((chunk) => chunk.length)).toEqual([200, 200, 50])
})

it('holds each id once, and answers with the line that has it', () => {
  const spool = spoolIn(join(tempFolder(), 'a.db'))
  spool.add(line(1))
  expect(spool.add({ ...line(2), id: 'id-1' })).toEqual(line(1))
  expect(spool.events).toBe(1)
})

it('is nobody else’s while somebody works on it, and found when nobody does', async () => {
  const store = join(tempFolder(), 'a.db')
  const spool = spoolIn(store)
  spool.add(line(1))
  expect(Spool.adopt(spool.path)).toBe('busy')
  spool.seal('digest')
  expect(Spool.adopt(spool.path)).toBe('busy')
  expect(await leftSpools(store)).toEqual([])
  expect(await leftSpoolOf(store, 'digest')).toBe(undefined)

  spool.close()
  expect(await leftSpools(store)).toEqual([spool.path])
  expect(await leftSpools(join(store, '..', 'b.db'))).toEqual([])
  expect(await leftSpoolOf(store, 'another')).toBe(undefined)
  const left = await leftSpoolOf(store, 'digest')
  expect([...(left as Spool).chunks(most)]).toEqual([[line(1)]])
  expect(await leftSpools(store)).toEqual([])
  left?.remove()
  expect(existsSync(spool.path)).toBe(false)
})

it('is thrown away when it was cut short before it was sealed', async () => {
  const store = join(tempFolder(), 'a.db')
  const atWork = spoolIn(store)
  const crashed = spoolIn(store)
  crashed.add(line(1))
  crashed.close()
  const torn = spoolPath(store)
  writeFileSync(torn, 'SQLite format 3\0 and then nothing')
  const inTheMaking = spoolPath(store)
  writeFileSync(inTheMaking, '')
  expect(Spool.adopt(crashed.path)).toBe('unsealed')
  await removeUnsealed(store)
  expect([crashed.path, torn, atWork.path, inTheMaking].map(existsSync)).toEqual([
    false,
    false,
    true,
    true,
  ])
})

it('is told from another program’s database', async () => {
  const { DatabaseSync } = await import('node:sqlite')
  const path = spoolPath(join(tempFolder(), 'a.db'))
  const db = new DatabaseSync(path)
  db.exec('CREATE TABLE theirs (x)')
  db.close()
  expect(Spool.adopt(path)).toBe('foreign')
})
