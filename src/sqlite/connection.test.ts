import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { CachedConnection } from './connection.ts'

function open() {
  const db = new DatabaseSync(':memory:')
  let prepared = 0
  const counting = {
    prepare(sql: string) {
      prepared++
      return db.prepare(sql)
    },
  } as DatabaseSync
  return { connection: new CachedConnection(counting), prepared: () => prepared }
}

it('gives integers as numbers, or as bigints when asked', () => {
  const { connection } = open()
  connection.run('CREATE TABLE t (a INTEGER, b BLOB, c TEXT)')
  const large = 2n ** 62n
  expect(connection.run('INSERT INTO t VALUES (?, ?, ?)', 7, new Uint8Array([1]), null)).toEqual({
    changes: 1,
  })
  const small = { a: 7, b: new Uint8Array([1]), c: null }
  expect(connection.get('SELECT * FROM t')).toEqual(small)
  expect(connection.all('SELECT * FROM t')).toEqual([small])
  expect(connection.run('UPDATE t SET a = ?', large).changes).toBe(1)
  expect(connection.getBig('SELECT a FROM t')).toEqual({ a: large })
  expect(connection.allBig('SELECT a FROM t')).toEqual([{ a: large }])
  const lists = connection.prepareLists('SELECT a, c FROM t')
  expect(lists.get()).toEqual([large, null])
  expect(lists.all()).toEqual([[large, null]])
  expect(connection.prepareLists('SELECT a FROM t WHERE a = 0').get()).toBe(undefined)
  expect(() => connection.get('SELECT a FROM t')).toThrow(/too large/)
  expect(connection.get('SELECT a FROM t WHERE a = 0')).toBe(undefined)
})

it('compiles a text once for each flavour', () => {
  const { connection, prepared } = open()
  for (let i = 0; i < 3; i++) {
    connection.get('SELECT 1')
    connection.prepare('SELECT 1').all()
    connection.getBig('SELECT 1')
    connection.prepareLists('SELECT 1').all()
  }
  expect(prepared()).toBe(3)
})

it('S5: keeps a bounded number of statements', () => {
  const { connection, prepared } = open()
  for (let i = 0; i < 300; i++) connection.get(`SELECT ${i}`)
  connection.get('SELECT 299')
  expect(prepared()).toBe(300)
  connection.get('SELECT 0')
  expect(prepared()).toBe(301)
})
