import { describe, expect, it } from 'vitest'
import { fields } from './check.ts'

const where = { operation: 'open', component: 'test' }
const known = { interval: true, limit: true } as const
type Options = { readonly interval?: number; readonly limit?: number }

function checked(options: object, name = 'options'): Options {
  return fields(name, options as Options, where, known)
}

describe('options with known names', () => {
  it('pass as they are', () => {
    const options = { interval: 1 }
    expect(checked(options)).toBe(options)
    expect(checked({})).toEqual({})
  })

  it('are refused for a name that is none, which says what may have been meant', () => {
    expect(() => checked({ intervall: 1 })).toThrow(
      'unknown option `intervall`: did you mean `interval`?',
    )
    expect(() => checked({ other: 1 })).toThrow('unknown option `other`: there are interval, limit')
  })

  it('within others are named with them', () => {
    expect(() => checked({ limits: 1 }, 'retry')).toThrow(
      'unknown option `retry.limits`: did you mean `limit`?',
    )
  })

  it('are refused for the names of prototypes like for any other', () => {
    for (const name of ['__proto__', 'constructor', 'hasOwnProperty'])
      expect(() => checked(JSON.parse(`{ "${name}": 1 }`))).toThrow(`unknown option \`${name}\`: `)
  })

  it('may have a prototype of their own, which is read as well', () => {
    expect(checked(Object.create({ interval: 1 })).interval).toBe(1)
    expect(() => checked(Object.create({ intervall: 1 }))).toThrow('intervall')
  })

  it('ask for nothing where the value is undefined', () => {
    expect(() => checked({ intervall: undefined })).not.toThrow()
  })

  it('show no more of a long or strange name than fits on a line', () => {
    expect(() => checked({ [`a\n${'x'.repeat(100)}`]: 1 })).toThrow(/^unknown option `a\\nx{38}`: /)
  })
})
