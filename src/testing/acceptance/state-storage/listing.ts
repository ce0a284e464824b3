import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import type { PathRange, StateRange } from '../../../contracts/index.ts'
import type { Position } from '../../../version/index.ts'
import type { StateCheck } from './bench.ts'
import { pathsOf, put, tombstone, write } from './changes.ts'

export function listing(check: StateCheck): void {
  check(
    'a pattern lists what matches, at equal depth, without what is deleted',
    async ({ open }) => {
      const storage = await open()
      const paths = ['a', 'a/1', 'a/2', 'a/1/x', 'a/2/x', 'a/2/y', 'ab/1', 'b', 'a-1', 'a.1']
      await put(storage, ...paths.map((path, at) => write(path, BigInt(at + 1))))
      await put(storage, tombstone('a/2', 20n), tombstone('a/9', 21n))
      const listed = async (pattern: string) =>
        pathsOf((await storage.list({ pattern, order: 'path' })).rows)
      deepStrictEqual(await listed('a/*'), ['a/1'])
      deepStrictEqual(await listed('a/*/*'), ['a/1/x', 'a/2/x', 'a/2/y'])
      deepStrictEqual(await listed('a/*/x'), ['a/1/x', 'a/2/x'])
      deepStrictEqual(await listed('*'), ['a', 'a-1', 'a.1', 'b'])
      deepStrictEqual(await listed('*/1'), ['a/1', 'ab/1'])
      deepStrictEqual(await listed('a/1'), ['a/1'])
      deepStrictEqual(await listed('a/2'), [])
      deepStrictEqual(await listed('nothing/*'), [])
      strictEqual((await storage.list()).rows.length, 9)
    },
  )

  check('lists have the order, limit and time range asked for', async ({ open }) => {
    const storage = await open()
    const ages = { 'a/c': 10n, 'a/a': 30n, 'a/b': 20n, 'a/d': 20n }
    for (const [path, created] of Object.entries(ages)) await put(storage, write(path, created))
    // What is written again keeps its age.
    await put(storage, write('a/c', 10n, '2', 99n))
    const listed = async (range: StateRange) =>
      pathsOf((await storage.list({ pattern: 'a/*', ...range })).rows)
        .map((path) => path.at(-1))
        .join('')
    strictEqual(await listed({}), 'abdc')
    strictEqual(await listed({ order: 'newest' }), 'abdc')
    strictEqual(await listed({ order: 'oldest' }), 'cdba')
    strictEqual(await listed({ order: 'path' }), 'abcd')
    strictEqual(await listed({ limit: 2 }), 'ab')
    strictEqual(await listed({ limit: 2, order: 'oldest' }), 'cd')
    strictEqual(await listed({ limit: 9 }), 'abdc')
    strictEqual(await listed({ from: 20n }), 'abd')
    strictEqual(await listed({ to: 20n }), 'bdc')
    strictEqual(await listed({ from: 11n, to: 29n, limit: 1 }), 'b')
    strictEqual(await listed({ from: 31n }), '')
  })

  check(
    'paths come in their order, a page at a time, with how many there are',
    async ({ open }) => {
      const storage = await open()
      const paths = ['b', 'a/2', 'a', 'a/1/x', 'a-1', 'a/1']
      await put(storage, ...paths.map((path, at) => write(path, BigInt(at + 1))))
      await put(storage, tombstone('a/2', 20n), tombstone('a/9', 21n))
      const paged = async (range?: PathRange) => {
        const page = await storage.paths(range)
        return [page.paths.join(' '), page.total]
      }
      deepStrictEqual(await paged(), ['a a-1 a/1 a/1/x b', 5])
      deepStrictEqual(await paged({ skip: 1, limit: 2 }), ['a-1 a/1', 5])
      deepStrictEqual(await paged({ prefix: 'a/' }), ['a/1 a/1/x', 2])
      deepStrictEqual(await paged({ prefix: 'a/', skip: 1, limit: 9 }), ['a/1/x', 2])
      deepStrictEqual(await paged({ prefix: 'c' }), ['', 0])
      await put(storage, tombstone('a/1', 22n), write('a/2', 23n), write('a', 3n, '2', 24n))
      deepStrictEqual(await paged(), ['a a-1 a/1/x a/2 b', 5])
      strictEqual((await storage.paths()).end, (await storage.rows([])).end)
    },
  )

  check(
    'the latest change under a pattern is told, also when it was a delete',
    async ({ open }) => {
      const storage = await open()
      await put(storage, write('a/1', 1n), write('a/2', 2n), write('b', 3n))
      const latest = async () =>
        Promise.all(['a/*', 'a/1', 'b', '*', 'c/*', 'a/3'].map((one) => storage.latest(one)))
      deepStrictEqual(await latest(), [2n, 1n, 3n, 3n, 0n, 0n])
      await put(storage, tombstone('a/1', 4n))
      deepStrictEqual(await latest(), [4n, 4n, 3n, 3n, 0n, 0n])
      await put(storage, write('a/1', 5n))
      deepStrictEqual(await latest(), [5n, 5n, 3n, 3n, 0n, 0n])
    },
  )

  check('L3: pages of the feed give every row once, in order', async ({ open }) => {
    const storage = await open()
    for (let at = 0; at < 25; at++) await put(storage, write(`a/${at % 10}`, BigInt(at + 1)))
    for (const range of [{ count: 1 }, { count: 3 }, { count: 100 }, { bytes: 1 }]) {
      const positions: bigint[] = []
      let after = 0n as Position
      for (;;) {
        const page = await storage.feed({ ...range, after })
        positions.push(...page.rows.map(({ position }) => position))
        if (!page.more) break
        ok(page.next > after, 'a page with more behind it must move on')
        after = page.next
      }
      deepStrictEqual(positions, [16n, 17n, 18n, 19n, 20n, 21n, 22n, 23n, 24n, 25n])
    }
  })

  check('a feed that is asked for up to a position ends there', async ({ open }) => {
    const storage = await open()
    for (let at = 1; at <= 5; at++) await put(storage, write(`a/${at}`, BigInt(at)))
    const feed = async (after: bigint, upTo: bigint, count = 10) => {
      const range = { after: after as Position, upTo: upTo as Position, count }
      const { rows, next, more } = await storage.feed(range)
      return { positions: rows.map(({ position }) => position), next, more }
    }
    deepStrictEqual(await feed(1n, 3n), { positions: [2n, 3n], next: 3n, more: false })
    deepStrictEqual(await feed(1n, 4n, 2), { positions: [2n, 3n], next: 3n, more: true })
    deepStrictEqual(await feed(3n, 9n), { positions: [4n, 5n], next: 5n, more: false })
    deepStrictEqual(await feed(4n, 2n), { positions: [], next: 4n, more: false })
  })

  check('collected tombstones leave their time and a horizon behind', async ({ open }) => {
    const storage = await open()
    await put(storage, write('a/1', 1n), write('a/2', 2n), write('b', 3n))
    await put(storage, tombstone('a/1', 11n), tombstone('a/2', 12n), tombstone('b', 20n))
    strictEqual(await storage.collect({ before: 5n, upTo: 99n as Position }), 0)
    strictEqual(await storage.collect({ before: 15n, upTo: 4n as Position }), 1)
    strictEqual((await storage.rows([])).horizon, 4n)
    strictEqual(await storage.collect({ before: 15n, upTo: 99n as Position }), 1)
    const { found, horizon } = await storage.rows(['a/1', 'a/2', 'a/3', 'b', 'c'])
    strictEqual(horizon, 5n)
    deepStrictEqual(
      found.map(({ row, collected }) => [row?.updated, collected]),
      [
        [undefined, 12n],
        [undefined, 12n],
        [undefined, 12n],
        [20n, found[3]?.collected],
        [undefined, 0n],
      ],
    )
    const { objects, tombstones } = await storage.status()
    deepStrictEqual([objects, tombstones], [0n, 1n])
  })
}
