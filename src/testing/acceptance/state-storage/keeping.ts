import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import type { StateStorage } from '../../../contracts/index.ts'
import { type Cursor, holds } from '../../../version/index.ts'
import type { StateCheck } from './bench.ts'
import { contentOf, pathsOf, peer, put, tombstone, wholeFeed, write } from './changes.ts'

export function keeping(check: StateCheck): void {
  for (const way of ['reopen', 'crash'] as const)
    check(
      `L1: all that was acknowledged is there after a ${way}`,
      async (bench) => {
        const storage = await bench.open()
        await put(storage, write('a/1', 1n), write('a/2', 2n))
        await put(storage, write('a/1', 1n, '{"n":18446744073709551616}', 3n), tombstone('b', 4n))
        await storage.apply({
          via: peer,
          role: 'pulled',
          changes: [write('c', 5n)],
          cursor: 'AAAAAAAAAAAAAAAA.1.' as Cursor,
        })
        const [content, feed] = [await contentOf(storage), await wholeFeed(storage)]
        const identity = await storage.identity()
        const again = await bench[way](storage)
        deepStrictEqual(await contentOf(again), content)
        deepStrictEqual(pathsOf(await wholeFeed(again)), pathsOf(feed))
        deepStrictEqual(await again.identity(), identity)
        strictEqual((await again.link(peer)).pulled, 'AAAAAAAAAAAAAAAA.1.')
        deepStrictEqual(pathsOf((await again.list({ pattern: 'a/*' })).rows), ['a/2', 'a/1'])
        ok((await again.rows([])).clock >= 5n)
      },
      'durable',
    )

  check(
    'positions go on after a reopening, under another mark, and old cursors hold',
    async ({ open, reopen }) => {
      const storage = await open()
      await put(storage, write('a', 1n))
      const { end } = await storage.identity()
      const again = await reopen(storage)
      const [row] = await put(again, write('b', 2n))
      strictEqual(row?.position, 2n)
      const lineage = await again.lineage()
      strictEqual(lineage.marks.length, 2)
      ok(holds(lineage, end))
      const page = await again.changes(end, { count: 10, bytes: 1e6 })
      ok(page.kind === 'page')
      deepStrictEqual(pathsOf(page.changes), ['b'])
    },
    'durable',
  )

  check(
    'collected deletes are remembered after a reopening',
    async ({ open, reopen }) => {
      const storage = await open()
      await put(storage, write('a/1', 1n), tombstone('a/1', 5n))
      await storage.collect({ before: 6n, upTo: 2n as never })
      const again = await reopen(storage)
      const { horizon, found } = await again.rows(['a/1'])
      deepStrictEqual([horizon, found[0]?.collected], [2n, 5n])
    },
    'durable',
  )

  check('whoever watches hears of every commit', async ({ open }) => {
    const storage = await open()
    const stop = new AbortController()
    const commits = storage.watch(stop.signal)[Symbol.asyncIterator]()
    for (let at = 1n; at <= 3n; at++) {
      const next = commits.next()
      await put(storage, write('a', at))
      strictEqual((await next).done, false)
    }
    const last = commits.next()
    stop.abort()
    strictEqual((await last).done, true)
  })

  check(
    'whoever watches hears of a link that starts over, and of another origin',
    async ({ open }) => {
      const storage = await open()
      const stop = new AbortController()
      const { origin } = await storage.identity()
      const commits = storage.watch(stop.signal)[Symbol.asyncIterator]()
      await storage.link(peer)
      for (const commit of [() => storage.resetLink(peer), () => storage.renewOrigin(origin)]) {
        const next = commits.next()
        await commit()
        strictEqual((await next).done, false)
      }
      stop.abort()
    },
  )

  check(
    'who shares a place sees what the other commits, and neither undoes the other',
    async ({ open, join }) => {
      const one = await open()
      const other = await join(one)
      await Promise.all([count(one, 'a/one', 20), count(other, 'a/other', 20)])
      for (const storage of [one, other]) {
        const { rows } = await storage.feed()
        deepStrictEqual(rows.map(({ position }) => position).at(-1), 40n)
        deepStrictEqual(rows.map(({ path, dataText }) => [path, dataText]).toSorted(), [
          ['a/one', '20'],
          ['a/other', '20'],
        ])
      }
    },
    'multiProcess',
  )

  check(
    'what another process writes comes to be listed here',
    async ({ open, join }) => {
      const one = await open()
      const other = await join(one)
      const stop = new AbortController()
      const heard = one.watch(stop.signal)[Symbol.asyncIterator]()
      await put(other, write('a', 1n))
      while ((await one.list()).rows.length === 0) await heard.next()
      deepStrictEqual(pathsOf((await one.list()).rows), ['a'])
      stop.abort()
    },
    'multiProcess',
  )
}

/** Counts up at a path, again whenever somebody else was faster. */
async function count(storage: StateStorage, path: string, to: number): Promise<void> {
  for (let n = 1; n <= to; ) {
    const { end } = await storage.rows([path])
    const changes = [write(path, 1n, String(n), BigInt(n))]
    const { kind } = await storage.commit({ expects: end, changes })
    if (kind === 'committed') n++
  }
}
