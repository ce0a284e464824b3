import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { property } from '../../../test/property.ts'
import { LinkedChange, type StateChange, sameChange } from '../../contracts/index.ts'
import { encodeEndLine } from '../../event/index.ts'
import { characters } from '../../json/fixtures/characters.ts'
import { changes } from '../fixtures/changes.ts'
import { isProblem } from './change-form.ts'
import { defaultChangeLimits } from './change-limits.ts'
import { decodeChanges, encodeChange } from './state-frame.ts'
import { readChangeHeader, readPlainChange } from './state-header.ts'

const end = encodeEndLine({ cursor: 'c1', more: false })

describe('a page of state', () => {
  it('of any changes comes out as it went in, byte for byte (T4)', () =>
    property(
      fc.tuple(fc.array(changes(), { maxLength: 5 }), fc.jsonValue()),
      async ([all, said]) => {
        const text = all.map(encodeChange).join('') + encodeEndLine({ said })
        const decoded = decode(new TextDecoder().decode(new TextEncoder().encode(text)))
        expect(decoded.changes).toHaveLength(all.length)
        for (const [at, change] of all.entries())
          expect(sameChange(decoded.changes[at] as LinkedChange, change)).toBe(true)
        expect(decoded.end).toEqual(JSON.parse(JSON.stringify({ said })))
      },
    ))

  it('looks like this', () => {
    const tombstone = { created: 0n, updated: 8n, dataText: null, note: 'of "a"' }
    expect(frame({}) + frame({ path: 'a/c', ...tombstone }) + end).toBe(
      '{"path":"a/b","created":"9223372036854775807","updated":"0"}\n' +
        '{"n":1.0}\n' +
        '{"path":"a/c","created":"0","updated":"8","tombstone":true,"note":"of \\"a\\""}\n' +
        '\n' +
        '{"end":{"cursor":"c1","more":false}}\n',
    )
  })

  it('cut short anywhere is refused (S3)', () => {
    const page = frame({}) + frame({ note: 'é😀' }) + end
    expect(decode(page).changes).toHaveLength(2)
    for (let length = 0; length < page.length; length++)
      expect(() => decode(page.slice(0, length))).toThrow(brokenFrame)
  })

  it.each([
    ['nothing at all', ''],
    ['an empty line', `\n${end}`],
    ['a header that is not JSON', `{"path":\n1\n${end}`],
    ['a header that is not an object', `[]\n1\n${end}`],
    ['data of two lines', `${frame({}).replace('"n"', '\n"n"')}${end}`],
    ['a missing line of data', `${frame({}).split('\n')[0]}\n${end}`],
    ['a change after the end', end + frame({})],
    ['a byte order mark', `\ufeff${end}`],
    ['a lone surrogate', frame({ dataText: '"\ud800"' }) + end],
  ])('X1: with %s is refused as a whole', (_, page) => {
    expect(() => decode(page)).toThrow(brokenFrame)
  })

  it('X1: harms nobody, whatever is done to its bytes', () => {
    const page = frame({}) + frame({ dataText: null, created: 0n }) + frame({ note: 'n' }) + end
    const put = fc.oneof(
      fc.string({ unit: characters(), maxLength: 3 }),
      fc.constantFrom('\n', '{', '}', '"', ',', '\\', '\ud800'),
    )
    const edit = fc.tuple(fc.nat(page.length), fc.nat(3), put)
    return property(
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      async (edits) => {
        const text = edits.reduce(
          (all, [at, removed, added]) => all.slice(0, at) + added + all.slice(at + removed),
          page,
        )
        try {
          for (const change of decode(text).changes)
            if (!isProblem(change))
              expect(decode(encodeChange(change) + end).changes).toEqual([change])
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_frame' })
        }
      },
      1_000,
    )
  })
})

describe('a change that breaks a rule', () => {
  const header = (change: Record<string, unknown>) =>
    JSON.stringify({ path: 'a/b', created: '1', updated: '0', ...change })

  it.each<[what: string, problem: string, text: string]>([
    ['an unknown key', 'unknown key "x" in the header', `${header({ x: 1 })}\n1\n`],
    [
      'a key twice',
      'a key stands twice in the header',
      `${header({}).replace('{', '{"path":"b",')}\n1\n`,
    ],
    ['no path', 'path must be a string', `${header({ path: undefined })}\n1\n`],
    ['a pattern', 'path is a pattern, and one object is meant', `${header({ path: 'a/*' })}\n1\n`],
    [
      'a time that is a number',
      'created must be a decimal string below 2^63',
      `${header({ created: 1 })}\n1\n`,
    ],
    [
      'a time of 2^63',
      'updated must be a decimal string below 2^63',
      `${header({ updated: '9223372036854775808' })}\n1\n`,
    ],
    [
      'a time below 0',
      'updated must be a decimal string below 2^63',
      `${header({ updated: '-1' })}\n1\n`,
    ],
    [
      'a time with a zero before it',
      'created must be a decimal string below 2^63',
      `${header({ created: '01' })}\n1\n`,
    ],
    [
      'a tombstone of false',
      'tombstone must be true or left out',
      `${header({ tombstone: false })}\n1\n`,
    ],
    [
      'a tombstone that was created',
      'a tombstone was never created',
      `${header({ tombstone: true })}\n\n`,
    ],
    [
      'a tombstone with data',
      'a tombstone has no data',
      `${header({ created: '0', tombstone: true })}\n1\n`,
    ],
    ['an empty note', 'an empty note is left out', `${header({ note: '' })}\n1\n`],
    ['a note that is no text', 'note must be a text', `${header({ note: 1 })}\n1\n`],
    ['no data', 'data is not JSON of at most 128 levels, at character 0', `${header({})}\n\n`],
    [
      'data that is no JSON',
      'data is not JSON of at most 128 levels, at character 1',
      `${header({})}\n{x\n`,
    ],
    [
      'data nested too deep',
      'data is not JSON of at most 128 levels, at character 128',
      `${header({})}\n${'['.repeat(129)}${']'.repeat(129)}\n`,
    ],
    ['too much data', 'data is larger than 10 bytes', `${header({})}\n"${'é'.repeat(5)}"\n`],
  ])('%s is told apart from its neighbours', (what, problem, text) => {
    const limits = what === 'too much data' ? { dataBytes: 10 } : defaultChangeLimits
    const good = frame({ dataText: '1' })
    const { changes } = decodeChanges(good + text + good + end, limits)
    expect(changes.map((one) => (isProblem(one) ? one.problem : one.path))).toEqual([
      'a/b',
      problem,
      'a/b',
    ])
  })
})

describe('a header', () => {
  const value = fc.oneof(
    fc.constantFrom(
      '0',
      '1',
      '',
      'a',
      'a/*',
      '_',
      '9223372036854775807',
      '9223372036854775808',
      '00',
    ),
    fc.constantFrom<unknown>(true, false, null, 1, [], {}),
    fc.string({ unit: characters(), maxLength: 4 }),
  )
  const key = fc.constantFrom('path', 'created', 'updated', 'tombstone', 'note', '__proto__', 'x')
  const headers = fc.record({
    whole: changes(),
    changed: fc.array(fc.tuple(key, fc.option(value)), { maxLength: 2 }),
  })

  it('is accepted exactly when the schema accepts it, also as it is mostly written', async () => {
    const seen = { accepted: 0, refused: 0, plain: 0 }
    await property(
      headers,
      async ({ whole, changed }) => {
        const parsed = JSON.parse(encodeChange(whole).split('\n')[0] as string)
        for (const [key, value] of changed)
          if (value === null) delete parsed[key]
          else Object.defineProperty(parsed, key, { value, enumerable: true, configurable: true })
        const line = JSON.stringify(parsed)
        const read = readChangeHeader(JSON.parse(line), line)
        const isGood = schema.safeParse(JSON.parse(line)).success
        expect(isProblem(read), line).toBe(!isGood)
        seen[isGood ? 'accepted' : 'refused']++
        const plain = readPlainChange(line)
        if (plain !== undefined) expect(plain).toEqual(read)
        if (plain !== undefined) seen.plain++
      },
      2_000,
    )
    // Each was tried.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0)
  })
})

const decimal = z.string().refine((text) => {
  if (text === '' || [...text].some((digit) => digit < '0' || digit > '9')) return false
  return String(BigInt(text)) === text && BigInt(text) < 2n ** 63n
})

/** Written from the description of a header and from nothing else. */
const schema = z
  .strictObject({
    path: z
      .string()
      .regex(/^(?=.{1,1024}$)[A-Za-z0-9]([A-Za-z0-9/\-_.]*[A-Za-z0-9])?$/)
      .refine((path) => !path.includes('//')),
    created: decimal,
    updated: decimal,
    tombstone: z.literal(true).exactOptional(),
    note: z
      .string()
      .min(1)
      .refine((text) => text.isWellFormed())
      .exactOptional(),
  })
  .refine(({ tombstone, created }) => tombstone === undefined || created === '0')

function frame(change: Partial<StateChange>): string {
  const whole = {
    path: 'a/b',
    created: 2n ** 63n - 1n,
    updated: 0n,
    dataText: '{"n":1.0}',
    note: '',
  }
  return encodeChange(new LinkedChange({ ...whole, ...change }))
}

function decode(page: string) {
  return decodeChanges(page, defaultChangeLimits)
}

const brokenFrame = expect.objectContaining({ code: 'invalid_frame' })
