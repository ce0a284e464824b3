import { describe, expect, it } from 'vitest'
import { RejoinError } from '../errors/index.ts'
import { describeFailure, isBusy, resultCodeOf } from './failure.ts'

/** As `node:sqlite` throws it. */
function sqliteError(errcode: number): Error {
  const text = { code: 'ERR_SQLITE_ERROR', errcode, errstr: 'so to speak' }
  return Object.assign(new Error('so to speak'), text)
}

describe('an error of SQLite', () => {
  it.each([
    ['SQLITE_FULL', 13, 'storage_full', true],
    ['SQLITE_READONLY', 8, 'storage_readonly', true],
    ['SQLITE_READONLY_DBMOVED', 1032, 'storage_readonly', true],
    ['SQLITE_BUSY', 5, 'storage_busy', true],
    ['SQLITE_BUSY_RECOVERY', 261, 'storage_busy', true],
    ['SQLITE_LOCKED', 6, 'storage_busy', true],
    ['SQLITE_PROTOCOL', 15, 'storage_busy', true],
    ['SQLITE_CORRUPT', 11, 'storage_damaged', false],
    ['SQLITE_CORRUPT_INDEX', 779, 'storage_damaged', false],
    ['SQLITE_NOTADB', 26, 'storage_damaged', false],
    ['SQLITE_IOERR_READ', 266, 'storage_io', true],
    ['SQLITE_IOERR_FSYNC', 1034, 'storage_io', true],
    ['SQLITE_CANTOPEN', 14, 'storage_io', true],
    ['SQLITE_CONSTRAINT', 19, 'internal', false],
    ['SQLITE_ERROR', 1, 'internal', false],
  ])('%s (%i) is %s', (_, errcode, code, retryable) => {
    const cause = sqliteError(errcode)
    const error = describeFailure(cause, '/tmp/a.db', 'write')
    expect(error).toBeInstanceOf(RejoinError)
    expect(error).toMatchObject({ code, retryable, operation: 'write', component: 'sqlite', cause })
    expect(error).toMatchObject({
      details: { path: '/tmp/a.db', errcode },
      message: expect.stringMatching(/^\/tmp\/a\.db: .*so to speak/),
    })
    expect(isBusy(cause)).toBe(code === 'storage_busy')
  })

  it('is told from any other', () => {
    const other = new Error('mine')
    expect(describeFailure(other, '/tmp/a.db', 'write')).toBe(other)
    for (const error of [other, undefined, null, 'text', { code: 'ERR_SQLITE_ERROR' }])
      expect(resultCodeOf(error)).toBe(undefined)
  })

  it('about a folder that is gone is no question of space', () => {
    expect(describeFailure(sqliteError(266), '/no/such/a.db', 'read')).toMatchObject({
      code: 'storage_io',
    })
  })
})
