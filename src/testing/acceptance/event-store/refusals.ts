import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import type { NewEvent } from '../../../event/index.ts'
import type { Check } from './bench.ts'
import { writer } from './elsewhere.ts'
import { append, note, notes, refused, snapshotOf, take } from './reading.ts'
import { year2200 } from './test-runtime.ts'

export function refusals(check: Check): void {
  for (const [what, event] of unacceptable())
    check(`X1: an append with ${what} is refused whole`, async ({ open }) => {
      const store = await open()
      await append(store, note())
      const before = await snapshotOf(store)
      const error = await refused(store.append([note(), event, note()]), 'invalid_event')
      strictEqual(error.details.index, 1)
      deepStrictEqual(await snapshotOf(store), before)
      const [next] = await append(store, note())
      strictEqual(next!.sequence, 2n)
    })

  check('X1: an append that is not a list is refused', async ({ open }) => {
    const store = await open()
    await refused(store.append(note() as never), 'invalid_argument')
  })

  check('names of 255 bytes and an event of 1 MiB are accepted', async ({ open }) => {
    const store = await open()
    const name = `${'ä'.repeat(127)}x`
    const [event] = await append(store, {
      id: name,
      type: name,
      aggregateId: name,
      dataText: `"${'x'.repeat(1024 * 1024 - 2)}"`,
      schemaVersion: 0x7fffffff,
    })
    strictEqual(event!.dataText.length, 1024 * 1024)
    deepStrictEqual(await store.fetch([event!.id]), [event])
    deepStrictEqual(await store.heads(name), [event!.id])
  })

  check('one append holds 2,000 events and not one more', async ({ open }) => {
    const store = await open()
    await refused(store.append(notes(2_001)), 'invalid_argument')
    strictEqual((await store.status()).events, 0n)
    strictEqual((await append(store, ...notes(2_000))).length, 2_000)
    strictEqual((await store.status()).events, 2_000n)
  })

  for (const [what, letter, bytes] of [
    ['letters', 'x', 1],
    ['wide letters', '€', 3],
  ] as const)
    check(`one append holds 8 MiB of ${what} and not much more`, async ({ open }) => {
      const store = await open()
      const mebibyte = `"${letter.repeat(Math.floor((1024 * 1024 - 2) / bytes))}"`
      const events = Array.from({ length: 9 }, (_, n) => ({
        type: 'noted',
        aggregateId: `a${n}`,
        dataText: mebibyte,
      }))
      await refused(store.append(events), 'invalid_argument')
      strictEqual((await store.status()).events, 0n)
      strictEqual((await append(store, ...events.slice(1))).length, 8)
    })

  check('T5: a clock beyond the year 2200 writes nothing until it is set right', async (bench) => {
    const store = await bench.open()
    await append(store, note())
    const before = await snapshotOf(store)
    const { wall } = bench.runtime
    bench.runtime.wall = year2200 + 1
    const error = await refused(store.append(notes(2)), 'clock')
    ok(error.retryable)
    deepStrictEqual(await snapshotOf(store), before)
    bench.runtime.wall = wall
    strictEqual((await append(store, note()))[0]!.sequence, 2n)
  })

  check('T5: over a parent at the end of 2199 an append is refused whole', async ({ open }) => {
    const store = await open()
    const there = writer()
    const last = BigInt(year2200) * 1_000_000n
    await take(store, there.origin, [there.write({ stamp: last - 5n })])
    const before = await snapshotOf(store)
    await refused(store.append([note('b'), ...notes(20, 'a')]), 'clock')
    deepStrictEqual(await snapshotOf(store), before)
    strictEqual((await append(store, note('a')))[0]!.stamp, last - 4n)
    strictEqual((await append(store, note('b')))[0]!.sequence, 2n)
  })
}

function unacceptable(): readonly (readonly [string, NewEvent])[] {
  const good = { type: 'noted', aggregateId: 'a' }
  const cyclic: Record<string, unknown> = {}
  cyclic.self = cyclic
  const long = 'ä'.repeat(128)
  return [
    ['an empty id', { ...good, id: '' }],
    ['an id that is no text', { ...good, id: 17 as never }],
    ['an id of 256 bytes', { ...good, id: long }],
    ['an id with a line feed', { ...good, id: 'a\nb' }],
    ['an id with a lone surrogate', { ...good, id: 'a\ud800' }],
    ['no type', { aggregateId: 'a' } as never],
    ['a type of 256 bytes', { ...good, type: long }],
    ['an aggregate id of 256 bytes', { ...good, aggregateId: long }],
    ['an aggregate id with a lone surrogate', { ...good, aggregateId: '\udc00' }],
    ['schema version 0', { ...good, schemaVersion: 0 }],
    ['schema version 1.5', { ...good, schemaVersion: 1.5 }],
    ['schema version 2^31', { ...good, schemaVersion: 2 ** 31 }],
    ['cyclic data', { ...good, data: cyclic }],
    ['data without a JSON form', { ...good, data: () => 1 }],
    ['a bigint in data', { ...good, data: { n: 1n } }],
    ['both data and dataText', { ...good, data: 1, dataText: '1' }],
    ['dataText that is not JSON', { ...good, dataText: '{"a":1,}' }],
    ['empty dataText', { ...good, dataText: '' }],
    ['two values in dataText', { ...good, dataText: '1 2' }],
    ['a lone surrogate in dataText', { ...good, dataText: '"\ud800"' }],
    ['dataText 129 deep', { ...good, dataText: `${'['.repeat(129)}${']'.repeat(129)}` }],
    ['data 129 deep', { ...good, data: nested(129) }],
    ['more than 1 MiB of data', { ...good, data: 'x'.repeat(1024 * 1024 - 1) }],
    ['more than 1 MiB of wide letters', { ...good, data: '€'.repeat(350_000) }],
    ['metadata that is a list', { ...good, metadata: [] as never }],
    ['metadata that becomes text', { ...good, metadata: { toJSON: () => 'text' } }],
    ['cyclic metadata', { ...good, metadata: cyclic }],
    ['metadata 129 deep', { ...good, metadata: { deep: nested(128) } }],
    [
      'data and metadata of more than 1 MiB together',
      { ...good, data: 'x'.repeat(700_000), metadata: { x: 'x'.repeat(700_000) } },
    ],
  ]
}

function nested(depth: number): unknown {
  let value: unknown = []
  for (let level = 1; level < depth; level++) value = [value]
  return value
}
