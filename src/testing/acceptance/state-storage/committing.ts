import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict'
import type { Position } from '../../../version/index.ts'
import type { StateCheck } from './bench.ts'
import { changeOf, pathsOf, positionsRise, put, tombstone, wholeFeed, write } from './changes.ts'

export function committing(check: StateCheck): void {
  check('a new storage is empty', async ({ open }) => {
    const storage = await open()
    const { end, horizon } = await storage.rows([])
    deepStrictEqual([end, horizon], [0n, 0n])
    deepStrictEqual((await storage.list()).rows, [])
    deepStrictEqual((await storage.feed()).rows, [])
    strictEqual(await storage.latest('a'), 0n)
    const { node, objects, tombstones } = await storage.status()
    deepStrictEqual([node, objects, tombstones], ['here', 0n, 0n])
  })

  check('T4: what was committed is there as it was, digit for digit', async ({ open }) => {
    const storage = await open()
    const big = 1_777_636_800_000_000_001n
    const change = write('a/b', big, '{"n":12345678901234567890.10,"__proto__":1}', big + 2n)
    const [row] = await put(storage, { ...change, note: '{"x":1}' })
    const { found } = await storage.rows(['a/b', 'a', 'a/c'])
    deepStrictEqual(
      found.map(({ row }) => row && changeOf(row)),
      [{ ...change, note: '{"x":1}' }, undefined, undefined],
    )
    strictEqual(found[0]?.row?.position, row?.position)
    deepStrictEqual((await storage.list({ pattern: 'a/*' })).rows.map(changeOf), [
      { ...change, note: '{"x":1}' },
    ])
  })

  check('names that objects have by themselves are just names', async ({ open }) => {
    const storage = await open()
    const paths = ['constructor', 'constructor/prototype', 'a/toString', 'valueOf/hasOwnProperty']
    await put(storage, ...paths.map((path, at) => write(path, BigInt(at + 1))))
    const { found } = await storage.rows(['toString', 'a/constructor', ...paths])
    deepStrictEqual(
      found.map(({ row }) => row?.path),
      [undefined, undefined, ...paths],
    )
    deepStrictEqual(pathsOf((await storage.list({ pattern: 'constructor/*' })).rows), [paths[1]])
  })

  check('positions rise one by one, and a path has one row, at its latest', async ({ open }) => {
    const storage = await open()
    const first = await put(storage, write('a', 1n), write('b', 2n))
    const second = await put(storage, write('a', 1n, '2', 3n), tombstone('c', 4n))
    const rows = [...first, ...second]
    ok(positionsRise(rows))
    deepStrictEqual(
      rows.map(({ position }) => position),
      rows.map((_, at) => BigInt(at + 1)),
    )
    deepStrictEqual(pathsOf(await wholeFeed(storage)), ['b', 'a', 'c'])
    const { objects, tombstones } = await storage.status()
    deepStrictEqual([objects, tombstones], [2n, 1n])
  })

  check('a path may come twice in one commit, and its last counts', async ({ open }) => {
    const storage = await open()
    const rows = await put(
      storage,
      write('a', 1n),
      write('a', 1n, '2', 2n),
      write('b', 3n),
      tombstone('b', 4n),
      tombstone('d', 5n),
      write('d', 6n),
    )
    ok(positionsRise(rows))
    deepStrictEqual((await wholeFeed(storage)).map(changeOf), [
      write('a', 1n, '2', 2n),
      tombstone('b', 4n),
      write('d', 6n),
    ])
    deepStrictEqual(pathsOf((await storage.list({ pattern: '*' })).rows), ['d', 'a'])
  })

  check('a commit that expects another end is stale and stores nothing', async ({ open }) => {
    const storage = await open()
    await put(storage, write('a', 1n))
    for (const expects of [0n, 2n]) {
      const changes = [write('b', 2n)]
      const answer = await storage.commit({ expects: expects as Position, changes })
      deepStrictEqual(answer, { kind: 'stale' })
    }
    deepStrictEqual(pathsOf(await wholeFeed(storage)), ['a'])
    strictEqual((await storage.rows([])).end, 1n)
  })

  check(
    'of commits made at once with the same end one is stored, the others are stale',
    async ({ open }) => {
      const storage = await open()
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, at) =>
          storage.commit({ expects: 0n as Position, changes: [write(`a${at}`, BigInt(at + 1))] }),
        ),
      )
      strictEqual(answers.filter(({ kind }) => kind === 'committed').length, 1)
      strictEqual((await wholeFeed(storage)).length, 1)
    },
  )

  check('what makes no sense is refused and changes nothing', async ({ open }) => {
    const storage = await open()
    const refused = { code: 'invalid_argument' }
    const expects = 0n as Position
    await rejects(storage.commit({ expects: 0 as never, changes: [] }), refused)
    await rejects(storage.commit({ expects, changes: 'a' as never }), refused)
    await rejects(storage.rows('a' as never), refused)
    await rejects(storage.list({ pattern: 'a//b' }), refused)
    await rejects(storage.list({ limit: 0 }), refused)
    await rejects(storage.list({ order: 'up' as never }), refused)
    await rejects(storage.feed({ count: 0 }), refused)
    await rejects(storage.rows([], {} as never), refused)
    strictEqual((await storage.rows([])).end, 0n)
  })

  check('a call whose signal has aborted rejects with its reason', async ({ open }) => {
    const storage = await open()
    const reason = new Error('enough')
    const signal = AbortSignal.abort(reason)
    const given = (error: unknown) => error === reason
    await rejects(storage.rows([], signal), given)
    await rejects(storage.list({}, signal), given)
    await rejects(storage.feed({}, signal), given)
    await rejects(storage.commit({ expects: 0n as Position, changes: [] }, signal), given)
    strictEqual((await storage.rows([])).end, 0n)
  })

  check('a closed storage says so, and closes twice', async ({ open }) => {
    const storage = await open()
    await storage.close()
    await storage.close()
    await rejects(storage.rows([]), { code: 'closed' })
    await rejects(storage.list(), { code: 'closed' })
    await rejects(storage.commit({ expects: 0n as Position, changes: [] }), { code: 'closed' })
  })
}
