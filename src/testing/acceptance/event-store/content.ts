import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import type { EventId } from '../../../event/index.ts'
import type { Check } from './bench.ts'
import { writer } from './elsewhere.ts'
import { append, changesOf, entriesOf, sameEvents, take } from './reading.ts'

export function content(check: Check): void {
  for (const [what, text] of payloadTexts)
    check(`data that is ${what} comes back character for character`, async ({ open }) => {
      const store = await open()
      const [event] = await append(store, { type: 'noted', aggregateId: 'a', dataText: text })
      strictEqual(event!.dataText, text)
      strictEqual((await entriesOf(store))[0]!.event.dataText, text)
      strictEqual((await changesOf(store))[0]!.dataText, text)
      strictEqual((await store.fetch([event!.id]))[0]!.dataText, text)
      deepStrictEqual(event!.data, JSON.parse(text))
    })

  check('what a peer wrote comes back character for character', async ({ open }) => {
    const store = await open()
    const there = writer('there')
    const events = payloadTexts.flatMap(([, text], at) => [
      there.write({ dataText: text, aggregateId: `a${at}` }),
      there.write({ metadataText: `{"deep":${text.slice(0, 126)}}`, id: `ä/${at}\u2028` }),
    ])
    const written = events.filter((event) => isJson(event.metadataText || '{}'))
    await take(store, there.origin, written)
    sameEvents(await changesOf(store), written)
    sameEvents(
      (await entriesOf(store)).map((entry) => entry.event),
      written,
    )
  })

  check('white space between tokens is taken out, inside strings it stays', async ({ open }) => {
    const store = await open()
    const dataText = ' { "a b" : [ 1 ,\t"x  \\n y" ] }\r\n'
    const [event] = await append(store, { type: 'noted', aggregateId: 'a', dataText })
    strictEqual(event!.dataText, '{"a b":[1,"x  \\n y"]}')
  })

  check('no data is null, no metadata is empty', async ({ open }) => {
    const store = await open()
    const [bare, empty] = await append(
      store,
      { type: 'noted', aggregateId: 'a' },
      { type: 'noted', aggregateId: 'a', data: null, metadata: {} },
    )
    for (const event of [bare!, empty!]) {
      strictEqual(event.dataText, 'null')
      strictEqual(event.metadataText, '')
      deepStrictEqual(event.metadata, {})
    }
  })

  check('metadata, schema version and names come back as given', async ({ open }) => {
    const store = await open()
    const given = {
      id: 'Ωmega',
      type: 'geändert 🙂',
      aggregateId: 'users/42',
      metadata: { by: 'me', __proto__: 1, n: { deep: [1, 2, { x: '\u0000' }] } },
      schemaVersion: 7,
      data: { text: '\ud800' },
    }
    await append(store, given)
    const [event] = await store.fetch(['Ωmega' as EventId])
    strictEqual(event!.type, given.type)
    strictEqual(event!.aggregateId, given.aggregateId)
    strictEqual(event!.schemaVersion, 7)
    strictEqual(event!.metadataText, JSON.stringify(given.metadata))
    deepStrictEqual(event!.metadata, JSON.parse(JSON.stringify(given.metadata)))
    deepStrictEqual(event!.data, given.data)
  })
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** JSON texts that are easily changed by who parses and prints them, and what they are. */
export const payloadTexts: readonly (readonly [string, string])[] = [
  ['an int64', '[9223372036854775807,-9223372036854775808]'],
  ['a number of many digits', '123456789012345678901234567890.123456789012345678901234567890'],
  ['a number in its own words', '[1.0,1e2,1E+2,-0,0.10]'],
  ['a number too large for a double', '1e400'],
  ['text of many scripts', '"äßπЖ漢字🙂👨‍👩‍👧é"'],
  ['escaped text', '"\\u00e4\\/\\"\\\\\\b\\f\\n\\r\\t"'],
  ['an escaped lone surrogate', '"\\ud800 \\udc00"'],
  ['text with line separators', '"\u2028\u2029\ufeff"'],
  ['an escaped zero', '"\\u0000"'],
  ['a key given twice', '{"a":1,"a":2}'],
  ['a key called __proto__', '{"__proto__":{"a":1}}'],
  ['nested 128 deep', `${'['.repeat(128)}${']'.repeat(128)}`],
  ['true', 'true'],
  ['an empty string', '""'],
]
