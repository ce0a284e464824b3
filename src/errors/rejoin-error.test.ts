import { describe, expect, it } from 'vitest'
import { type ErrorCode, errorCodes } from './codes.ts'
import { RejoinError } from './rejoin-error.ts'

const where = { operation: 'pull', component: 'transport/http' }

describe('RejoinError', () => {
  it.each(Object.keys(errorCodes) as ErrorCode[])(
    'takes kind and retryable from its code: %s',
    (code) => {
      const error = new RejoinError(code, 'what happened', where)
      expect(error).toMatchObject({ code, ...errorCodes[code], ...where, message: 'what happened' })
      expect(error.details).toEqual({})
    },
  )

  it('is an Error with a name, a stack and its cause', () => {
    const cause = new TypeError('deep down')
    const error = new RejoinError('network', 'no answer', { ...where, cause })
    expect(error).toBeInstanceOf(Error)
    expect(String(error)).toBe('RejoinError: no answer')
    expect(error.stack).toContain('rejoin-error.test.ts')
    expect(error.cause).toBe(cause)
    expect('cause' in new RejoinError('network', 'no answer', where)).toBe(false)
  })

  it('lets the RejoinError it wraps decide whether trying again helps', () => {
    const broken = new RejoinError('network', 'reset', where)
    const refused = new RejoinError('unauthorized', 'who are you', where)
    expect(new RejoinError('internal', 'sync failed', { ...where, cause: broken }).retryable).toBe(
      true,
    )
    expect(
      new RejoinError('unavailable', 'sync failed', { ...where, cause: refused }).retryable,
    ).toBe(false)
    const twice = new RejoinError('internal', 'again', {
      ...where,
      cause: new RejoinError('internal', 'sync failed', { ...where, cause: broken }),
    })
    expect(twice.retryable).toBe(true)
  })

  it('lets whoever throws it overrule code and cause', () => {
    const cause = new RejoinError('network', 'reset', where)
    expect(
      new RejoinError('network', 'gone', { ...where, cause, retryable: false }).retryable,
    ).toBe(false)
    expect(new RejoinError('internal', 'odd', { ...where, retryable: true }).retryable).toBe(true)
  })

  it('is written to JSON with everything but stack and cause', () => {
    const details = { limit: 5, ids: ['a', 'b'] }
    const error = new RejoinError('too_large', 'too much', {
      ...where,
      details,
      cause: new Error('secret'),
    })
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: 'too_large',
      kind: 'too_large',
      retryable: false,
      message: 'too much',
      details,
      ...where,
    })
  })
})

describe('RejoinError.from', () => {
  it('passes a RejoinError as it is', () => {
    const error = new RejoinError('storage_full', 'no space', where)
    expect(
      RejoinError.from(error, { operation: 'append', component: 'store', code: 'internal' }),
    ).toBe(error)
  })

  it('wraps anything else under the code given', () => {
    const cause = new TypeError('fetch failed')
    const error = RejoinError.from(cause, { ...where, code: 'network', details: { url: 'x' } })
    expect(error).toMatchObject({
      code: 'network',
      message: 'fetch failed',
      details: { url: 'x' },
      ...where,
    })
    expect(error.cause).toBe(cause)
  })

  it.each(['text', 7, null, { a: 1 }, Symbol('s')])(
    'takes the thrown %o for a bug in Rejoin',
    (cause) => {
      const error = RejoinError.from(cause, where)
      expect(error).toMatchObject({ code: 'internal', message: String(cause), retryable: false })
      expect(error.cause).toBe(cause)
    },
  )

  it('wraps even a thrown undefined', () => {
    expect(RejoinError.from(undefined, where).message).toBe('undefined')
  })
})
