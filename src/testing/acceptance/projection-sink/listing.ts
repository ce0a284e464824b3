import { deepStrictEqual, ok } from 'node:assert/strict'
import type { ProjectionSink } from '../../../contracts/index.ts'
import { entriesIn, keysIn, put, type SinkCheck } from './bench.ts'

export function listing(check: SinkCheck): void {
  check('keys are listed by code points, as UTF-8 orders them', async ({ open }) => {
    const sink = await open()
    // In UTF-16 the last but two would stand before the one before it.
    const keys = [
      '',
      '\n',
      ' ',
      '0',
      '10',
      '9',
      'A',
      'a',
      'a\n',
      'ab',
      'b',
      'é',
      '\uffee',
      '😀',
      '😁',
      '😁a',
    ]
    const shuffled = keys.map((_, at) => keys[(at * 7) % keys.length] as string)
    await put(sink, Object.fromEntries(shuffled.map((key) => [key, `of ${key}`])))
    deepStrictEqual(
      await entriesIn(sink),
      keys.map((key) => ({ key, value: `of ${key}` })),
    )
    deepStrictEqual(await keysIn(sink, { reverse: true }), keys.toReversed())
  })

  check('both bounds are left out themselves, whether they are there or not', async ({ open }) => {
    const sink = await withKeys(open, ['b', 'd', 'f'])
    for (const [after, before, expected] of [
      ['b', undefined, 'df'],
      ['a', undefined, 'bdf'],
      [undefined, 'f', 'bd'],
      [undefined, 'g', 'bdf'],
      ['b', 'f', 'd'],
      ['c', 'e', 'd'],
      ['d', 'd', ''],
      ['f', 'b', ''],
      ['', '\u{10ffff}', 'bdf'],
    ] as const) {
      const range = {
        ...(after !== undefined && { after }),
        ...(before !== undefined && { before }),
      }
      const label = JSON.stringify(range)
      deepStrictEqual((await keysIn(sink, range)).join(''), expected, label)
      const backwards = [...expected].toReversed().join('')
      deepStrictEqual((await keysIn(sink, { ...range, reverse: true })).join(''), backwards, label)
    }
  })

  check('a limit keeps the first entries in the order that is asked for', async ({ open }) => {
    const sink = await withKeys(open, ['a', 'b', 'c', 'd'])
    deepStrictEqual(await keysIn(sink, { limit: 1 }), ['a'])
    deepStrictEqual(await keysIn(sink, { limit: 3, after: 'b' }), ['c', 'd'])
    deepStrictEqual(await keysIn(sink, { limit: 2, reverse: true }), ['d', 'c'])
    deepStrictEqual(await keysIn(sink, { limit: 1, reverse: true, before: 'c' }), ['b'])
  })

  check('page by page every entry comes once, both ways', async ({ open }) => {
    const keys = Array.from({ length: 257 }, (_, at) => `k${String(at).padStart(4, '0')}`)
    const sink = await withKeys(open, keys)
    const forwards: string[] = []
    for (let after = ''; ; ) {
      const page = await keysIn(sink, { after, limit: 10 })
      forwards.push(...page)
      if (page.length < 10) break
      after = page.at(-1) as string
    }
    deepStrictEqual(forwards, keys)
    const backwards: string[] = []
    for (let before = 'z'; ; ) {
      const page = await keysIn(sink, { before, limit: 100, reverse: true })
      backwards.push(...page)
      if (page.length < 100) break
      before = page.at(-1) as string
    }
    deepStrictEqual(backwards, keys.toReversed())
  })

  check('a list follows what commits take away and bring back', async ({ open }) => {
    const sink = await withKeys(open, ['a', 'b', 'c', 'd', 'e'])
    await put(sink, { a: null, c: null, e: null, bb: '1' })
    deepStrictEqual(await keysIn(sink), ['b', 'bb', 'd'])
    await put(sink, { c: '2', b: null })
    deepStrictEqual(await keysIn(sink), ['bb', 'c', 'd'])
    deepStrictEqual(await keysIn(sink, { limit: 2, reverse: true }), ['d', 'c'])
  })

  check('L4: a list is of one moment, whatever is committed meanwhile', async ({ open }) => {
    const sink = await open()
    const keys = Array.from({ length: 40 }, (_, at) => `k${String(at).padStart(2, '0')}`)
    const together = (value: string) => Object.fromEntries(keys.map((key) => [key, value]))
    await put(sink, together('0'))
    const lists: Promise<readonly { readonly value: string }[]>[] = []
    for (let round = 1; round <= 20; round++) {
      lists.push(entriesIn(sink), entriesIn(sink, { reverse: true }))
      await put(sink, together(`${round}`))
    }
    for (const list of await Promise.all(lists)) {
      ok(list.length === keys.length)
      deepStrictEqual(new Set(list.map(({ value }) => value)).size, 1)
    }
  })
}

async function withKeys(
  open: () => Promise<ProjectionSink>,
  keys: readonly string[],
): Promise<ProjectionSink> {
  const sink = await open()
  await put(sink, Object.fromEntries(keys.map((key) => [key, '1'])))
  return sink
}
