import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RejoinError } from '../errors/index.ts'
import { characters } from '../json/fixtures/characters.ts'
import { systemRuntime } from '../runtime/index.ts'
import { contentHash } from './content-hash.ts'
import { events } from './fixtures/events.ts'
import { decodeFrames, encodeFrame } from './frame.ts'
import { encodeEndLine } from './frame-page.ts'
import { defaultEventLimits, type EventLimits } from './limits.ts'
import { LogEvent, sameEvent } from './log-event.ts'

const end = encodeEndLine({ cursor: 'c1', more: false })

describe('a page', () => {
  it('of any events comes out as it went in, byte for byte (S1)', () => {
    fc.assert(
      fc.property(fc.array(events(), { maxLength: 5 }), fc.jsonValue(), (all, said) => {
        const text = all.map(encodeFrame).join('') + encodeEndLine({ said })
        const decoded = decode(
          new TextDecoder('utf-8', { fatal: true }).decode(new TextEncoder().encode(text)),
        )
        expect(decoded.events).toHaveLength(all.length)
        for (const [at, event] of all.entries())
          expect(sameEvent(decoded.events[at] as LogEvent, event)).toBe(true)
        expect((decoded.events as LogEvent[]).map(encodeFrame).join('')).toBe(
          all.map(encodeFrame).join(''),
        )
        expect(decoded.end).toEqual(JSON.parse(JSON.stringify({ said })))
      }),
    )
  })

  it('looks like this', () => {
    expect(frame({ parents: ['e0'], metadata: '{"user":"u1"}' }) + end).toBe(
      '{"id":"e1","origin":"node~0123456789abcdef","sequence":"1","stamp":"5","parents":["e0"],"aggregate":"order-1"' +
        ',"type":"OrderPaid","schema":1,"hash":"kt4apLqyT18z9xfnra2xjfznmpQX5Jq-nIHSVTv419o","metadata":{"user":"u1"}}\n' +
        '{"amount":12.50}\n' +
        '{"end":{"cursor":"c1","more":false}}\n',
    )
  })

  it('may be empty, and its end may say anything', () => {
    expect(decode(end)).toEqual({ events: [], end: { cursor: 'c1', more: false } })
    expect(decode('{"end":null}\n')).toEqual({ events: [], end: null })
  })

  it('cut short anywhere is refused (S3)', () => {
    const page = frame({}) + frame({ id: 'é😀', metadata: '{"a":1}' }) + end
    const bytes = new TextEncoder().encode(page)
    expect(decode(page).events).toHaveLength(2)
    for (let length = 0; length < page.length; length++)
      expect(() => decode(page.slice(0, length))).toThrow(brokenFrame)
    for (let length = 0; length < bytes.length; length++) {
      const cut = new TextDecoder().decode(bytes.slice(0, length))
      expect(() => decode(cut)).toThrow(brokenFrame)
    }
  })

  it.each([
    ['nothing at all', ''],
    ['an empty line', `\n${end}`],
    ['a header that is not JSON', `{"id":\n1\n${end}`],
    ['a header that is not an object', `[]\n1\n${end}`],
    ['a header that is null', `null\n1\n${end}`],
    ['a payload of two lines', `${frame({}).replace('"amount"', '\n"amount"')}${end}`],
    ['a missing payload line', `${frame({}).split('\n')[0]}\n${end}`],
    ['an end line that is not JSON', '{"end":\n'],
    ['an end line without line feed', end.trimEnd()],
    ['an event after the end', end + frame({})],
    ['a second end', end + end],
    ['a space after the end', `${end} `],
    ['a byte order mark', `\ufeff${end}`],
    ['a lone surrogate in a payload', frame({}, '"\ud800"') + end],
    ['a lone surrogate in a header', frame({ metadata: '{"a":"\udc00"}' }) + end],
  ])('with %s is refused as a whole', (_, page) => {
    expect(() => decode(page)).toThrow(brokenFrame)
  })

  it('says after how many events it broke', () => {
    expect(() => decode(frame({}) + frame({}))).toThrow(
      expect.objectContaining({
        message: 'after 2 events: the end line is missing',
        details: { index: 2 },
      }),
    )
  })

  it('harms nobody, whatever is done to its bytes (X1)', () => {
    const page = [
      frame({}),
      frame({ parents: ['e0'], metadata: '{"a":{"b":1}}' }),
      frame({ id: 'é' }),
      end,
    ].join('')
    const put = fc.oneof(
      fc.string({ unit: characters(), maxLength: 3 }),
      fc.constantFrom('\n', '{', '}', '"', ',', '\\', '\ud800'),
    )
    const edit = fc.tuple(fc.nat(page.length), fc.nat(3), put)
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        const text = edits.reduce(
          (all, [at, removed, added]) => all.slice(0, at) + added + all.slice(at + removed),
          page,
        )
        try {
          for (const event of decode(text).events) if (event instanceof LogEvent) expectTrue(event)
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_frame' })
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('an event that breaks a rule', () => {
  it.each<[what: string, problem: string, frame: string]>([
    [
      'an unknown key',
      'unknown key "extra" in the header',
      frame({}).replace('{"id"', '{"extra":1,"id"'),
    ],
    [
      'an unknown long key',
      `unknown key "${'k'.repeat(64)}" in`,
      frame({}).replace('{', `{"${'k'.repeat(999)}":1,`),
    ],
    [
      '__proto__ as a key',
      'unknown key "__proto__"',
      frame({}).replace('{', '{"__proto__":{"stub":"erased"},'),
    ],
    [
      'an end that is not first',
      'unknown key "end"',
      frame({}).replace(',"schema"', ',"end":{},"schema"'),
    ],
    [
      'a key twice',
      'a key stands twice',
      frame({}).replace(',"schema":1', ',"schema":1,"schema":1'),
    ],
    [
      'a key twice in disguise',
      'a key stands twice',
      frame({}).replace(',"schema":1', ',"\\u0073chema":2,"schema":1'),
    ],
    [
      'metadata that is not last',
      'the last key',
      frame({ metadata: '{"a":1}' }).replace(/(,"hash":"[^"]*")(.*)}\n/, '$2$1}\n'),
    ],
    [
      'metadata in disguise',
      'the last key',
      frame({ metadata: '{"a":1}' }).replace('"metadata"', '"\\u006detadata"'),
    ],
    ['another payload', 'the content does not match its hash', frame({}).replace('12.50', '12.5')],
    [
      'other metadata',
      'the content does not match its hash',
      frame({ metadata: '{"a":1}' }).replace('{"a":1}', '{"a":2}'),
    ],
    [
      'another type',
      'the content does not match its hash',
      frame({}).replace('OrderPaid', 'OrderPayed'),
    ],
    [
      'a payload that is not JSON',
      'payload is not JSON of at most 128 levels, at character 7',
      frame({}, '{"a":1,}'),
    ],
    ['no payload', 'payload is not JSON of at most 128 levels, at character 0', frame({}, '')],
    ['a payload too deep', 'at character 128', frame({}, '['.repeat(129) + ']'.repeat(129))],
    [
      'metadata too deep',
      'an object of at most 128 levels',
      frame({ metadata: `${'{"a":'.repeat(129)}1${'}'.repeat(129)}` }),
    ],
    ['itself as parent', 'an event is not its own parent', frame({ parents: ['e1'] })],
    [
      'a stub with a payload',
      'a stub has no content',
      frame({}).replace('"type":"OrderPaid"', '"stub":"withheld"'),
    ],
  ])('is told from its neighbours: %s', (_, problem, bad) => {
    const [before, event, after] = decode(frame({}) + bad + frame({ id: 'e2' }) + end).events
    expect(event).toEqual({
      problem: expect.stringContaining(problem),
      id: 'e1',
    })
    expect(before).toMatchObject({ id: 'e1', dataText: '{"amount":12.50}' })
    expect(after).toMatchObject({ id: 'e2' })
  })

  it('is named only by an id that could be one', () => {
    for (const id of ['""', '7', '"a\\nb"', '"\\ud800"', `"${'x'.repeat(256)}"`]) {
      const [event] = decode(frame({}).replace('"e1"', id) + end).events
      expect(event).toEqual({ problem: expect.stringMatching(/^id /), id: '' })
    }
    const [event] = decode(frame({}).replace('"id":"e1",', '') + end).events
    expect(event).toEqual({ problem: 'id must be a string', id: '' })
  })

  it('may be the wrong one for this node only: limits are the reader’s', () => {
    const limits: EventLimits = { eventBytes: 22, idBytes: 9, jsonDepth: 1 }
    const problems = (text: string, over: Partial<EventLimits> = {}) =>
      decodeFrames(text + end, { ...limits, ...over }, systemRuntime).events.map((event) =>
        event instanceof LogEvent ? 'fine' : event.problem,
      )
    expect(problems(frame({}, '"1234567890123"'))).toEqual(['fine'])
    expect(problems(frame({ metadata: '{"a":1}' }, '"1234567890123"'))).toEqual(['fine'])
    const large = ['payload and metadata are larger than 22 bytes']
    expect(problems(frame({ metadata: '{"a":1}' }, '"12345678901234"'))).toEqual(large)
    expect(problems(frame({ metadata: '{"a":1}' }, '"123456789012é"'))).toEqual(large)
    expect(problems(frame({}), { idBytes: 8 })).toEqual(['type has 9 bytes, at most 8 are allowed'])
    expect(problems(frame({}, '[[]]'))).toEqual([
      'payload is not JSON of at most 1 levels, at character 1',
    ])
  })
})

const brokenFrame = expect.objectContaining({
  code: 'invalid_frame',
  component: 'event',
}) as RejoinError

function decode(text: string) {
  return decodeFrames(text, defaultEventLimits, systemRuntime)
}

/** An event's two lines, with the hash that fits. */
function frame(
  {
    id = 'e1',
    parents = [],
    metadata = '',
  }: { id?: string; parents?: string[]; metadata?: string },
  dataText = '{"amount":12.50}',
): string {
  const content = {
    id,
    type: 'OrderPaid',
    aggregateId: 'order-1',
    schemaVersion: 1,
    metadataText: metadata,
    dataText,
  }
  const init = {
    ...content,
    parents,
    origin: 'node~0123456789abcdef',
    sequence: 1n,
    stamp: 5n,
    hash: contentHash(content, systemRuntime),
    stub: null,
  }
  return encodeFrame(new LogEvent(init as unknown as LogEvent))
}

/** What was accepted is what its hash says, and can be sent on. */
function expectTrue(event: LogEvent): void {
  expect(contentHash(event, systemRuntime)).toBe(event.hash)
  const [again] = decode(encodeFrame(event) + end).events
  expect(sameEvent(again as LogEvent, event)).toBe(true)
}
