import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { contentOf, keysIn, name, put, puts, type SinkCheck, space } from './bench.ts'

export function committing(check: SinkCheck): void {
  check('a name never used has no head and no entries', async ({ open }) => {
    const sink = await open()
    strictEqual(await sink.head(name), undefined)
    deepStrictEqual([...(await sink.get(name, space, ['a', 'b']))], [undefined, undefined])
    deepStrictEqual(await keysIn(sink), [])
    // Asking made nothing.
    strictEqual(await sink.head(name), undefined)
  })

  check('a commit puts the head and all entries in place', async ({ open }) => {
    const sink = await open()
    strictEqual(await put(sink, { b: '2', a: '1' }), '1')
    strictEqual(await sink.head(name), '1')
    deepStrictEqual(
      [...(await sink.get(name, space, ['b', 'no', 'a', 'b']))],
      ['2', undefined, '1', '2'],
    )
    await put(sink, { a: '3' })
    deepStrictEqual([...(await sink.get(name, space, ['a', 'b']))], ['3', '2'])
    deepStrictEqual([...(await sink.get(name, space, []))], [])
  })

  check('null takes an entry away, also one that is not there', async ({ open }) => {
    const sink = await open()
    await put(sink, { a: '1', b: '2' })
    await put(sink, { a: null, never: null })
    deepStrictEqual(await keysIn(sink), ['b'])
    await put(sink, { b: null })
    deepStrictEqual(await keysIn(sink), [])
    await put(sink, { a: '4' })
    deepStrictEqual(await keysIn(sink), ['a'])
  })

  check('of two writes to one key in a commit, the later counts', async ({ open }) => {
    const sink = await open()
    const writes = [...puts({ a: '1', b: '1', c: null }), ...puts({ a: '2', b: null, c: '2' })]
    await sink.commit({ name, expects: undefined, head: 'h', writes })
    deepStrictEqual([...(await sink.get(name, space, ['a', 'b', 'c']))], ['2', undefined, '2'])
  })

  check('a commit without writes moves the head alone', async ({ open }) => {
    const sink = await open()
    await put(sink, { a: '1' })
    strictEqual(await sink.commit({ name, expects: '1', head: 'next', writes: [] }), true)
    strictEqual(await sink.head(name), 'next')
    deepStrictEqual(await keysIn(sink), ['a'])
  })

  check('L4: one that expects another head is refused, and writes nothing', async ({ open }) => {
    const sink = await open()
    const writes = puts({ a: 'wrong', b: 'wrong' })
    strictEqual(await sink.commit({ name, expects: '', head: 'x', writes }), false)
    strictEqual(await sink.commit({ name, expects: 'other', head: 'x', writes }), false)
    strictEqual(await sink.head(name), undefined)
    await put(sink, { a: '1' })
    await put(sink, { c: '2' })
    const before = await contentOf(sink)
    for (const expects of [undefined, '', '1', '3'])
      strictEqual(await sink.commit({ name, expects, head: 'x', writes }), false, `${expects}`)
    deepStrictEqual(await contentOf(sink), before)
  })

  check('L4: of many commits on one head, exactly one is taken', async ({ open }) => {
    const sink = await open()
    for (let round = 0; round < 10; round++) {
      const expects = await sink.head(name)
      const taken = await Promise.all(
        Array.from({ length: 8 }, (_, at) =>
          sink.commit({
            name,
            expects,
            head: `${round} ${at}`,
            writes: puts({ winner: `${at}`, [`of ${at}`]: `${round}` }),
          }),
        ),
      )
      deepStrictEqual(taken.filter(Boolean).length, 1)
      const winner = taken.indexOf(true)
      strictEqual(await sink.head(name), `${round} ${winner}`)
      deepStrictEqual(
        [...(await sink.get(name, space, ['winner', `of ${winner}`]))],
        [`${winner}`, `${round}`],
      )
    }
  })

  check('names and spaces are worlds of their own', async ({ open }) => {
    const sink = await open()
    const names = ['a', 'a\n', 'a\nb', 'A', '']
    const spaces = ['b', '\nb', 'B', '']
    const all = names.flatMap((one) => spaces.map((other) => [one, other] as const))
    for (const one of names) {
      const writes = spaces.flatMap((other) => puts({ key: `${one}|${other}` }, other))
      strictEqual(await sink.commit({ name: one, expects: undefined, head: one, writes }), true)
    }
    for (const [one, other] of all) {
      strictEqual(await sink.head(one), one)
      deepStrictEqual([...(await sink.get(one, other, ['key']))], [`${one}|${other}`])
      deepStrictEqual((await sink.list(one, other, { limit: 5 })).length, 1)
    }
  })

  check('texts come back as they were, however odd and large', async ({ open }) => {
    const sink = await open()
    const texts = ['', ' ', '\n', '"', "'", '\\', '%_', 'naïve ☂', '😀', '\uffee', '{"a":1}', '0']
    const large = '☂'.repeat(400_000)
    const values = Object.fromEntries([...texts, 'large'].map((text) => [`k${text}`, text]))
    await put(sink, { ...values, klarge: large, [large.slice(0, 100)]: '' })
    const found = await sink.get(name, space, Object.keys(values))
    deepStrictEqual([...found], [...texts, large])
    deepStrictEqual([...(await sink.get(name, space, [large.slice(0, 100)]))], [''])
    strictEqual(await sink.commit({ name, expects: '1', head: large, writes: [] }), true)
    strictEqual(await sink.head(name), large)
  })

  check('a commit may write thousands of entries', async ({ open }) => {
    const sink = await open()
    const keys = Array.from({ length: 5_000 }, (_, at) => `k${at}`)
    await put(sink, Object.fromEntries(keys.map((key) => [key, `v${key}`])))
    deepStrictEqual(
      [...(await sink.get(name, space, keys))],
      keys.map((key) => `v${key}`),
    )
  })
}
