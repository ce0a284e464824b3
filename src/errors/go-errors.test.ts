import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { failureOf } from '../transport/http/failure.ts'
import { verdictOf } from '../transport/http/problem.ts'
import { type ErrorCode, errorCodes } from './codes.ts'
import { goErrorOf, goErrors } from './go-errors.ts'
import { RejoinError } from './rejoin-error.ts'

const where = { operation: 'push', component: 'transport/http' }
const codes = Object.keys(errorCodes) as ErrorCode[]
const doc = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')

describe('an error in go-sync-kit’s words', () => {
  it.each([
    ['storage_full', 'STORAGE_FAILURE', 'UNAVAILABLE', true, 503],
    ['id_conflict', 'CONFLICT_FAILURE', 'CONFLICT', false, 409],
    ['invalid_event', 'VALIDATION_FAILURE', 'INVALID', false, 400],
    ['timeout', 'NETWORK_FAILURE', 'TIMEOUT', true, 408],
    ['internal', '', 'INTERNAL', false, 500],
  ] as const)('%s', (code, goCode, kind, retryable, status) => {
    expect(goErrorOf(new RejoinError(code, 'what happened', where))).toEqual({
      code: goCode,
      kind,
      retryable,
      status,
      op: 'push',
      component: 'transport/http',
    })
  })

  it.each(codes)('has a kind that go-sync-kit knows: %s', (code) => {
    const kinds = [
      'INVALID',
      'NOT_FOUND',
      'PERMISSION',
      'INTERNAL',
      'TIMEOUT',
      'UNAVAILABLE',
      'CONFLICT',
      'TOO_LARGE',
    ]
    expect(kinds).toContain(goErrorOf(new RejoinError(code, 'x', where)).kind)
  })

  it('keeps what is retryable through every wrapping, and its status follows', () => {
    const cause = new RejoinError('storage_busy', 'locked', where)
    const wrapped = new RejoinError('internal', 'x', { ...where, cause })
    expect(goErrorOf(wrapped)).toMatchObject({ retryable: true, status: 503 })
    const final = new RejoinError('storage_busy', 'locked', { ...where, retryable: false })
    expect(goErrorOf(final)).toMatchObject({ retryable: false, status: 500 })
  })

  it.each(codes)('is what the server answers: %s', (code) => {
    for (const retryable of [true, false]) {
      const error = new RejoinError(code, 'x', { ...where, retryable })
      const { status, headers } = verdictOf(error)
      expect(goErrorOf(error).status).toBe(status)
      expect(headers?.['retry-after'] !== undefined).toBe(status === 503)
    }
  })
})

describe('docs/errors.md', () => {
  it('has every code, with what the tables say', () => {
    const rows = doc.match(/^\| `.*/gm)?.map((row) => row.split('|').map((cell) => cell.trim()))
    const listed = rows
      ?.filter((cells) => cells.length === 9)
      .map(([, code, , ...cells]) => [code, ...cells.slice(0, 5)])
    const expected = codes.map((code) => {
      const { kind, retryable } = errorCodes[code]
      const { code: goCode, status } = goErrors[code]
      const shown = goCode === '' ? '–' : `\`${goCode}\``
      return [
        `\`${code}\``,
        `\`${kind}\``,
        retryable ? 'yes' : 'no',
        String(status),
        shown,
        `\`${kind.toUpperCase()}\``,
      ]
    })
    expect(listed).toEqual(expected)
  })

  it('says what a client makes of each status', () => {
    const rows = [...doc.matchAll(/^\| ([0-9, ]+) \| `([a-z_]+)` \|$/gm)]
    expect(rows.length).toBeGreaterThan(5)
    for (const [, statuses = '', code] of rows)
      for (const status of statuses.split(', ').map(Number)) {
        const call = { operation: 'pull', base: 'http://hub.test', now: 0 }
        const response = new Response(null, { status })
        expect(failureOf(response, new Uint8Array(), call).code, String(status)).toBe(code)
      }
  })
})
