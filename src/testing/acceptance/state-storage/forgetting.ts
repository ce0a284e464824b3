import { deepStrictEqual, notStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict'
import type { StateStorage } from '../../../contracts/index.ts'
import { type Cursor, holds } from '../../../version/index.ts'
import type { StateCheck } from './bench.ts'
import { contentOf, pathsOf, peer, put, tombstone, wholeFeed, write } from './changes.ts'

export function forgetting(check: StateCheck): void {
  check('what is forgotten was never here, and the rest stays', async ({ open }) => {
    const storage = await open()
    await put(storage, write('a/1', 1n), write('a/2', 2n), write('b/1', 3n), write('s', 4n))
    await put(storage, tombstone('a/2', 5n), tombstone('b/2', 6n))
    const forgotten = await storage.forget({ patterns: ['a/*'], along: ['s'] })
    deepStrictEqual(forgotten, { objects: 1, tombstones: 1, unsent: 2, late: 0 })
    deepStrictEqual(pathsOf(await wholeFeed(storage)), ['b/1', 'b/2'])
    deepStrictEqual(pathsOf((await storage.list()).rows), ['b/1'])
    deepStrictEqual((await storage.paths()).paths, ['b/1'])
    const { found } = await storage.rows(['a/1', 'a/2', 's'])
    for (const { row, collected } of found) deepStrictEqual([row, collected], [undefined, 0n])
    strictEqual(await storage.latest('a/*'), 0n)
    const { objects, tombstones } = await storage.status()
    deepStrictEqual([objects, tombstones], [1n, 1n])
    // An older write than what stood there is as good as any.
    await storage.apply({ via: peer, role: 'pulled', changes: [write('a/2', 1n)] })
    deepStrictEqual(pathsOf((await storage.list({ pattern: 'a/*' })).rows), ['a/2'])
  })

  check('what a peer has not confirmed is counted', async ({ open }) => {
    const storage = await open()
    await put(storage, write('a/1', 1n), write('b/1', 1n))
    const { generation, pushed } = await storage.link(peer)
    const { end } = await storage.identity()
    const settled = { link: peer, generation, expects: pushed, pushed: end }
    ok(await storage.settle({ ...settled, parked: [], unparked: [] }))
    await storage.apply({ via: peer, role: 'pulled', changes: [write('a/2', 2n)] })
    await put(storage, write('a/3', 3n), tombstone('a/4', 4n), write('b/2', 5n))
    const { objects, tombstones, unsent } = await storage.forget({
      patterns: ['a/*'],
      sentTo: peer,
    })
    deepStrictEqual([objects, tombstones, unsent], [3, 1, 2])
  })

  check('S4: it is another feed from then on, for every link and reader', async ({ open }) => {
    const storage = await open()
    await put(storage, write('a/1', 1n), write('b/1', 2n))
    await storage.apply({
      ...{ via: peer, role: 'pushed', changes: [write('b/2', 3n)] },
      ...{ cursor: at(1), expects: '' as Cursor },
    })
    await storage.apply({ via: peer, role: 'pulled', changes: [write('a/2', 4n)], cursor: at(2) })
    const { generation, pushed } = await storage.link(peer)
    const { end, origin } = await storage.identity()
    const settled = { link: peer, generation, expects: pushed, pushed: end, acknowledged: end }
    const parked = [{ id: 'b/1', reason: 'invalid', message: 'no' } as never]
    ok(await storage.settle({ ...settled, parked, unparked: [] }))
    await storage.forget({ patterns: ['a/*'] })
    const link = await storage.link(peer)
    notStrictEqual(link.generation, generation)
    deepStrictEqual([link.pulled, link.pushed, link.received, link.parked], ['', '', '', []])
    const now = await storage.identity()
    notStrictEqual(now.origin, origin)
    strictEqual(now.node, 'here')
    strictEqual(holds(await storage.lineage(), end), false)
    ok(holds(await storage.lineage(), now.end))
    deepStrictEqual(await storage.changes(end, want), { kind: 'reset' })
    // What came over that link counts as unsent again: it may have been among what is gone.
    const page = await storage.changes('' as Cursor, { ...want, notVia: peer })
    ok(page.kind === 'page')
    deepStrictEqual(pathsOf(page.changes), ['b/1', 'b/2'])
  })

  check('T2: deletes that were collected in these lists count no more', async ({ open }) => {
    const storage = await open()
    await put(storage, write('a/1', 1n), tombstone('a/1', 50n), tombstone('b/1', 60n))
    await storage.collect({ before: 100n, upTo: (await storage.rows([])).end })
    await storage.apply({ via: peer, role: 'pulled', changes: [write('a/2', 9n)] })
    deepStrictEqual((await storage.late()).length, 1)
    const { late, tombstones } = await storage.forget({ patterns: ['a/*'] })
    // The one that was put in the place of the late write.
    deepStrictEqual([late, tombstones], [1, 1])
    await storage.apply({
      via: peer,
      role: 'pulled',
      changes: [write('a/2', 9n), write('b/2', 9n)],
    })
    deepStrictEqual(pathsOf((await storage.list()).rows), ['a/2'])
    deepStrictEqual(pathsOf((await storage.late()).map(({ change }) => change)), ['b/2'])
  })

  check('whoever watches hears of it, and positions go on', async ({ open }) => {
    const storage = await open()
    const [row] = await put(storage, write('a', 1n))
    const stop = new AbortController()
    const commits = storage.watch(stop.signal)[Symbol.asyncIterator]()
    const next = commits.next()
    await storage.forget({ patterns: ['a'] })
    strictEqual((await next).done, false)
    stop.abort()
    const [later] = await put(storage, write('a', 1n))
    ok((later?.position ?? 0n) > (row?.position ?? 0n))
  })

  for (const way of ['reopen', 'crash'] as const)
    check(
      `L1: it stays forgotten after a ${way}`,
      async (bench) => {
        const storage = await bench.open()
        await put(storage, write('a/1', 1n), write('b/1', 2n))
        await storage.forget({ patterns: ['a/*'] })
        const [identity, lineage] = [await storage.identity(), await storage.lineage()]
        const content = await contentOf(storage)
        const again = await bench[way](storage)
        deepStrictEqual(await contentOf(again), content)
        deepStrictEqual(await again.identity(), identity)
        deepStrictEqual(await again.lineage(), lineage)
      },
      'durable',
    )

  check(
    'who shares a place forgets it as well',
    async ({ open, join }) => {
      const one = await open()
      const other = await join(one)
      await put(one, write('a/1', 1n), write('b/1', 2n))
      const stop = new AbortController()
      const heard = other.watch(stop.signal)[Symbol.asyncIterator]()
      while ((await other.list()).rows.length < 2) await heard.next()
      await one.forget({ patterns: ['a/*'] })
      while ((await other.list()).rows.length > 1) await heard.next()
      deepStrictEqual(pathsOf((await other.list()).rows), ['b/1'])
      deepStrictEqual((await other.identity()).origin, (await one.identity()).origin)
      stop.abort()
    },
    'multiProcess',
  )

  check('what makes no sense is refused', async ({ open }) => {
    const storage: StateStorage = await open()
    const refused = { code: 'invalid_argument' }
    await rejects(storage.forget({ patterns: 'a' as never }), refused)
    await rejects(storage.forget({ patterns: ['/a'] }), refused)
    await rejects(storage.forget({ patterns: ['a'], along: 'a' as never }), refused)
    await rejects(storage.forget({ patterns: ['a'], sentTo: 1 as never }), refused)
  })
}

const want = { count: 1_000, bytes: 1e6 }

function at(position: number): Cursor {
  return `AAAAAAAAAAAAAAAA.${position}.` as Cursor
}
