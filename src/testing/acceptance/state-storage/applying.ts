import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict'
import {
  type Batch,
  type StateChange,
  type StateStorage,
  timeOf,
} from '../../../contracts/index.ts'
import { systemRuntime } from '../../../runtime/index.ts'
import { patternFilter } from '../../../store/state/index.ts'
import { type Cursor, type Position, parseCursor, readUpTo } from '../../../version/index.ts'
import { year2200 } from '../event-store/test-runtime.ts'
import type { StateCheck } from './bench.ts'
import {
  carried,
  changeOf,
  contentOf,
  pathsOf,
  peer,
  positionsRise,
  put,
  tombstone,
  wholeFeed,
  write,
} from './changes.ts'

export function applying(check: StateCheck): void {
  check('T1: what comes is joined with what stands there, on arrival', async ({ open }) => {
    const storage = await open()
    await put(storage, write('a', 10n, '1'), write('b', 10n), write('c', 10n))
    const receipts = await applied(storage, [
      write('a', 5n, '2'),
      write('a', 10n, '1'),
      write('b', 1n, '"newer"', 11n),
      tombstone('c', 10n),
      tombstone('c', 9n),
      write('d', 1n),
      tombstone('e', 3n),
    ])
    const expected = ['duplicate', 'duplicate', 'stored', 'stored', 'duplicate', 'stored', 'stored']
    deepStrictEqual(receipts, expected)
    deepStrictEqual((await wholeFeed(storage)).map(changeOf), [
      write('a', 10n, '1'),
      write('b', 1n, '"newer"', 11n),
      tombstone('c', 10n),
      write('d', 1n),
      tombstone('e', 3n),
    ])
  })

  check(
    'T1: the same changes in any order and any batches end in the same rows',
    async ({ open }) => {
      const changes: StateChange[] = []
      for (let at = 0; at < 60; at++) {
        const [path, time] = [`p/${at % 4}`, BigInt((at * 7) % 6) + 1n]
        changes.push(
          at % 5 === 0
            ? tombstone(path, time)
            : write(path, time, `${at % 3}`, BigInt(at % 2) * time),
        )
      }
      const [one, other] = [await open('one'), await open('other')]
      for (const change of changes) await applied(one, [change])
      const turned = changes.toReversed()
      await applied(other, turned.slice(0, 20))
      await applied(other, turned)
      deepStrictEqual(await contentOf(one), await contentOf(other))
      ok(positionsRise(await wholeFeed(other)))
    },
  )

  check('a repeat changes nothing and moves nothing', async ({ open }) => {
    const storage = await open()
    const changes = [write('a', 1n), tombstone('b', 2n)]
    await applied(storage, changes)
    const before = await wholeFeed(storage)
    deepStrictEqual(await applied(storage, changes), ['duplicate', 'duplicate'])
    deepStrictEqual(await wholeFeed(storage), before)
  })

  check('a policy of the path decides instead', async ({ open }) => {
    const longest = {
      name: 'longest',
      merge: (one: StateChange, other: StateChange) =>
        (one.dataText ?? '').length >= (other.dataText ?? '').length ? one : other,
    }
    const storage = await open('here', { 'a/*': longest })
    await put(storage, write('a/1', 1n, '"long"'), write('b', 1n, '"long"'))
    const changes = [write('a/1', 2n, '1'), write('b', 2n, '1')]
    deepStrictEqual(await applied(storage, changes), ['duplicate', 'stored'])
    deepStrictEqual(
      (await wholeFeed(storage)).map(({ dataText }) => dataText),
      ['"long"', '1'],
    )
  })

  check('a policy that throws leaves nothing behind', async ({ open }) => {
    const broken = {
      name: 'broken',
      merge(): StateChange {
        throw new Error('broken')
      },
    }
    const storage = await open('here', { bad: broken })
    await put(storage, write('bad', 1n))
    const cursor = 'AAAAAAAAAAAAAAAA.2.' as Cursor
    const changes = [write('good', 2n), write('bad', 2n)]
    await rejects(storage.apply({ via: peer, role: 'pulled', changes, cursor }))
    strictEqual((await storage.rows([])).end, 1n)
    strictEqual((await storage.link(peer)).pulled, '')
  })

  check(
    'T5: times that no clock may show are refused, and the rest goes in',
    async ({ open, runtime }) => {
      const storage = await open()
      const now = BigInt(runtime.wall) * 1_000_000n
      const day = 86_400_000_000_000n
      const changes = [
        write('far', BigInt(year2200) * 1_000_000n + 1n),
        write('ahead', now + day + 1n),
        write('soon', now + day / 2n),
        write('past', 1n),
        write('negative', -1n),
      ]
      const answer = await storage.apply({ via: peer, role: 'pushed', changes })
      ok(answer.kind === 'applied')
      deepStrictEqual(
        answer.receipts.map((one) => (one.kind === 'rejected' ? one.reason : one.kind)),
        ['invalid', 'clock', 'stored', 'stored', 'invalid'],
      )
      // Who pulls can't refuse what others have taken.
      deepStrictEqual(await applied(storage, [changes[1]!]), ['stored'])
      // And follows it no further than a minute.
      const { clock } = await storage.rows([])
      strictEqual(clock, now + 60_000_000_000n)
    },
  )

  check(
    'T5: what goes on just above what is a day ahead here already is taken in, and nothing else so far ahead',
    async ({ open, runtime }) => {
      const storage = await open()
      const ahead = BigInt(runtime.wall) * 1_000_000n + 2n * 86_400_000_000_000n
      const held = [write('a', ahead), write('b', ahead), tombstone('c', ahead), write('d', ahead)]
      await applied(storage, held)
      const minute = 60_000_000_000n
      const changes = [
        write('a', ahead + 1n),
        tombstone('b', ahead + 2n),
        write('c', ahead + 3n),
        write('c', ahead + 4n),
        write('d', ahead),
        write('d', ahead + minute),
        write('e', ahead + 1n),
      ]
      const answer = await storage.apply({ via: peer, role: 'pushed', changes })
      ok(answer.kind === 'applied')
      deepStrictEqual(
        answer.receipts.map((one) => (one.kind === 'rejected' ? one.reason : one.kind)),
        ['stored', 'stored', 'stored', 'stored', 'duplicate', 'clock', 'clock'],
      )
      const { found } = await storage.rows(['a', 'b', 'c', 'd', 'e'])
      deepStrictEqual(
        found.map(({ row }) => row && timeOf(row) - ahead),
        [1n, 2n, 4n, 0n, undefined],
      )
    },
  )

  check('X1: a change that breaks a rule is refused alone', async ({ open }) => {
    const storage = await open()
    const receipts = await applied(storage, [
      write('a//b', 1n),
      write('_a', 1n),
      write('a/*', 1n),
      write('', 1n),
      write('broken', 1n, '{"a":'),
      write('deep', 1n, '['.repeat(200) + ']'.repeat(200)),
      { ...tombstone('t', 2n), created: 1n },
      write('good', 1n),
    ])
    deepStrictEqual(receipts, [...Array.from({ length: 7 }, () => 'rejected'), 'stored'])
    deepStrictEqual(
      (await carried(storage)).map(({ path }) => path),
      ['good'],
    )
    strictEqual((await storage.link(peer)).parked.length, 7)
  })

  check(
    'T2: a write older than a collected delete is neither in nor out: it is kept aside',
    async ({ open, runtime }) => {
      const storage = await open()
      await put(storage, write('a/1', 1n), tombstone('a/1', 10n))
      strictEqual(await storage.collect({ before: 11n, upTo: 99n as Position }), 1)
      const changes = [write('a/1', 5n), write('a/2', 10n), tombstone('a/4', 9n), write('a/3', 11n)]
      deepStrictEqual(await applied(storage, changes), [
        'duplicate',
        'duplicate',
        'duplicate',
        'stored',
      ])
      deepStrictEqual(pathsOf((await storage.list()).rows), ['a/3'])
      const late = await storage.late()
      deepStrictEqual(
        late.map(({ change, via, at }) => [change, via, at]),
        [
          [changes[0], peer, runtime.wall],
          [changes[1], peer, runtime.wall],
        ],
      )
      strictEqual((await storage.status()).late, 2n)
      // Whoever still has them is told: a delete of the same time stands over a write.
      const [first, second] = await wholeFeed(storage)
      deepStrictEqual([first, second].map((row) => changeOf(row!)).toSorted(byPath), [
        tombstone('a/1', 5n),
        tombstone('a/2', 10n),
      ])
      strictEqual(await storage.forgetLate(late.slice(0, 1).map(({ position }) => position)), 1)
      deepStrictEqual(
        (await storage.late({ count: 1 })).map(({ change }) => change.path),
        ['a/2'],
      )
    },
  )

  check(
    'T2: nothing comes in over a tombstone in the place of a late write, unless it is new',
    async ({ open }) => {
      const storage = await open()
      await put(storage, write('a/1', 1n), tombstone('a/1', 10n))
      await storage.collect({ before: 11n, upTo: 99n as Position })
      await applied(storage, [write('a/1', 5n), write('a/1', 7n, '"later"')])
      await applied(storage, [write('a/1', 8n)])
      deepStrictEqual(pathsOf((await storage.list()).rows), [])
      deepStrictEqual(
        (await storage.late()).map(({ change }) => change.created),
        [7n, 8n],
      )
      await applied(storage, [write('a/1', 11n)])
      deepStrictEqual(pathsOf((await storage.list()).rows), ['a/1'])
    },
  )

  check('L4: changes and the cursor that covers them go in together', async ({ open }) => {
    const storage = await open()
    const cursor = 'AAAAAAAAAAAAAAAA.7.' as Cursor
    const batch: Batch<StateChange> = {
      via: peer,
      role: 'pulled',
      changes: [write('a', 1n)],
      cursor,
      expects: '' as Cursor,
    }
    strictEqual((await storage.apply(batch)).kind, 'applied')
    strictEqual((await storage.link(peer)).pulled, cursor)
    // A repeat is fine; a batch that expects another cursor is not taken.
    strictEqual((await storage.apply(batch)).kind, 'applied')
    const other = { ...batch, changes: [write('b', 1n)], expects: 'AAAAAAAAAAAAAAAA.9.' as Cursor }
    const answer = await storage.apply({ ...other, cursor: 'AAAAAAAAAAAAAAAA.10.' as Cursor })
    deepStrictEqual(answer, { kind: 'reset' })
    deepStrictEqual(
      (await carried(storage)).map(({ path }) => path),
      ['a'],
    )
  })

  check(
    'what came over a link is left out for it, until something else stands there',
    async ({ open }) => {
      const storage = await open()
      await put(storage, write('mine', 1n))
      await applied(storage, [write('theirs', 2n), write('both', 3n)])
      await put(storage, write('both', 3n, '2', 4n))
      const page = await storage.changes('' as Cursor, { count: 10, bytes: 1e6, notVia: peer })
      ok(page.kind === 'page')
      deepStrictEqual(
        page.changes.map(({ path }) => path),
        ['mine', 'both'],
      )
      strictEqual(page.more, false)
    },
  )

  check('cursors go on where they ended, and one of another history is reset', async ({ open }) => {
    const storage = await open()
    await put(storage, ...Array.from({ length: 5 }, (_, at) => write(`a/${at}`, BigInt(at + 1))))
    const want = { count: 2, bytes: 1e6 }
    let cursor = '' as Cursor
    const seen: string[] = []
    for (let more = true; more; ) {
      const page = await storage.changes(cursor, want)
      ok(page.kind === 'page')
      seen.push(...page.changes.map(({ path }) => path))
      ;({ cursor, more } = page)
    }
    deepStrictEqual(seen, ['a/0', 'a/1', 'a/2', 'a/3', 'a/4'])
    strictEqual((await storage.identity()).end, cursor)
    const foreign = cursor.replace(/^.{4}/, 'XXXX') as Cursor
    deepStrictEqual(await storage.changes(foreign, want), { kind: 'reset' })
    const fetched = await storage.fetch(['a/3', 'nothing', 'a/1'] as never)
    deepStrictEqual(fetched.map(({ path }) => path).toSorted(), ['a/1', 'a/3'])
  })

  check(
    'what a link reads of a change tells its id, its parents and its size',
    async ({ open }) => {
      const storage = await open()
      await put(storage, write('a/1', 1n, '"x"'), tombstone('b', 2n))
      const page = await storage.changes('' as Cursor, { count: 10, bytes: 1e6 })
      ok(page.kind === 'page')
      for (const changes of [page.changes, await storage.fetch(['a/1', 'b'] as never)])
        deepStrictEqual(
          changes.map(({ id, parents, size, path }) => [id === path, parents.length, size]),
          [
            [true, 0, 70],
            [true, 0, 65],
          ],
        )
    },
  )

  check(
    'S4: half-way past where a row was, a cursor is for a feed that knows where it went',
    async ({ open }) => {
      const storage = await open()
      await put(storage, write('a', 1n), write('b', 2n), write('c', 3n), write('d', 4n))
      await put(storage, write('b', 2n, '2', 5n))
      const { changes, cursor } = await pageAfter(storage, '' as Cursor, 2)
      deepStrictEqual(pathsOf(changes), ['a', 'c'])
      const point = parseCursor(cursor)
      ok(point !== undefined)
      ok(point.position === 5n, `${cursor}: a feed that ends before 5 holds it too`)
      strictEqual(readUpTo(point), 3n)
      const rest = await pageAfter(storage, cursor, 2)
      deepStrictEqual(pathsOf(rest.changes), ['d', 'b'])
      strictEqual(rest.cursor, (await storage.identity()).end)
    },
  )

  check('under a filter only its paths come, and another filter begins anew', async ({ open }) => {
    const storage = await open()
    const paths = ['a/1', 'b', 'a/2', 'c', 'd', 'a/3']
    await put(storage, ...paths.map((path, at) => write(path, BigInt(at + 1))))
    const read = async (patterns: readonly string[], from = '' as Cursor) => {
      const filter = patternFilter(patterns, systemRuntime)
      let cursor = from
      const seen: string[] = []
      for (let more = true; more; ) {
        const page = await storage.changes(cursor, { count: 2, bytes: 1e6, filter })
        ok(page.kind === 'page')
        seen.push(...page.changes.map(({ path }) => path))
        ;({ cursor, more } = page)
      }
      return { cursor, seen }
    }
    const { cursor, seen } = await read(['a/*'])
    deepStrictEqual(seen, ['a/1', 'a/2', 'a/3'])
    deepStrictEqual((await read(['a/*'], cursor)).seen, [])
    deepStrictEqual((await read(['c', 'a/3'], cursor)).seen, ['c', 'a/3'])
    const filter = patternFilter(['b'], systemRuntime)
    const fetched = await storage.fetch(paths as never, undefined, filter)
    deepStrictEqual(
      fetched.map(({ path }) => path),
      ['b'],
    )
  })
}

function byPath(one: StateChange, other: StateChange): number {
  return one.path < other.path ? -1 : 1
}

async function pageAfter(storage: StateStorage, after: Cursor, count: number) {
  const page = await storage.changes(after, { count, bytes: 1e6 })
  if (page.kind === 'reset') throw new Error('the cursor is of this feed')
  return page
}

async function applied(storage: StateStorage, changes: readonly StateChange[]) {
  const answer = await storage.apply({ via: peer, role: 'pulled', changes })
  if (answer.kind === 'reset') throw new Error('nothing was expected')
  return answer.receipts.map(({ kind }) => kind)
}
