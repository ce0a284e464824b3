import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict'
import type { StateStorage } from '../../../contracts/index.ts'
import type { Origin } from '../../../event/index.ts'
import type { Cursor } from '../../../version/index.ts'
import type { StateCheck } from './bench.ts'
import { pathsOf, peer, put, tombstone, wholeFeed, write } from './changes.ts'

export function sweeping(check: StateCheck): void {
  check(
    'T2: a tombstone goes when it is old enough and every known member has passed it',
    async ({ open, runtime }) => {
      const storage = await open()
      const now = BigInt(runtime.wall) * 1_000_000n
      await put(storage, write('a', 1n), write('b', 2n))
      await greet(storage, peer, (await storage.identity()).end)
      await put(storage, tombstone('a', now - 2n * day))
      await put(storage, tombstone('b', now - day / 2n))
      deepStrictEqual((await storage.sweep(usual)).dropped, 0)
      await greet(storage, peer, (await storage.identity()).end)
      // One that has only ever brought something has seen no delete at all.
      await storage.apply({ via: pusher, role: 'pushed', changes: [write('c', 3n)] })
      deepStrictEqual((await storage.sweep(usual)).dropped, 0)
      await greet(storage, pusher, (await storage.identity()).end)
      const { dropped, more } = await storage.sweep(usual)
      deepStrictEqual([dropped, more], [1, false])
      deepStrictEqual(pathsOf(await wholeFeed(storage)), ['b', 'c'])
    },
  )

  check(
    'T2: a tombstone goes at the horizon, and who comes from below it is reset',
    async ({ open, runtime }) => {
      const storage = await open()
      await put(storage, write('a', 1n), write('b', 2n))
      const behind = (await storage.identity()).end
      await greet(storage, peer, behind)
      await put(storage, tombstone('a', 3n))
      const level = (await storage.identity()).end
      await storage.sweep(usual)
      runtime.wall += 29 * msDay
      strictEqual((await storage.sweep(usual)).dropped, 0)
      runtime.wall += 2 * msDay
      strictEqual((await storage.sweep(usual)).dropped, 1)
      deepStrictEqual(pathsOf(await wholeFeed(storage)), ['b'])
      const want = { count: 1, bytes: 1e6 }
      deepStrictEqual(await storage.changes(behind, want), { kind: 'reset' })
      ok((await storage.changes(level, want)).kind === 'page')
      // And reads all that lives, without being reset again on the way.
      await put(storage, write('c', 4n))
      const seen: string[] = []
      let cursor = '' as Cursor
      for (let more = true; more; ) {
        const page = await storage.changes(cursor, want)
        ok(page.kind === 'page')
        seen.push(...pathsOf(page.changes))
        ;({ cursor, more } = page)
      }
      deepStrictEqual(seen, ['b', 'c'])
    },
  )

  check(
    'T2: a tombstone stays until the horizon where others are read, or nobody knows what they got',
    async ({ open, runtime }) => {
      const now = BigInt(runtime.wall) * 1_000_000n
      const buried = async (storage: StateStorage) => {
        await put(storage, write('a', 1n), tombstone('a', now - 2n * day))
        return storage
      }
      const member = await buried(await open())
      await member.apply({
        ...{ via: peer, role: 'pulled', changes: [write('b', 2n)] },
        cursor: 'AAAAAAAAAAAAAAAA.1.' as Cursor,
      })
      await reachedBy(member)
      // Its link starts over: nobody knows any more how far it had read, and yet it has.
      const reset = await buried(await open())
      await reset.apply({
        ...{ via: peer, role: 'pulled', changes: [write('b', 2n)] },
        cursor: 'AAAAAAAAAAAAAAAA.1.' as Cursor,
      })
      await reset.resetLink(peer)
      await greet(reset, peer, (await reset.identity()).end)
      // A greeting, and the first push after it may have arrived whatever became of the answer.
      const begun = await open()
      await greet(begun, peer, '' as Cursor)
      await buried(begun)
      const alone = await buried(await open())
      const all = [member, reset, begun, alone]
      for (const storage of all)
        deepStrictEqual((await storage.sweep(usual)).dropped, storage === alone ? 1 : 0)
      runtime.wall += 31 * msDay
      for (const storage of all)
        deepStrictEqual((await storage.sweep(usual)).dropped, storage === alone ? 0 : 1)
    },
  )

  check(
    'T2: a link that has pulled nothing begins where its peer’s feed ended when it was greeted',
    async ({ open }) => {
      const storage = await open()
      await put(storage, write('a', 1n))
      const begins = 'AAAAAAAAAAAAAAAA.7.f.0' as Cursor
      await greet(storage, peer, '' as Cursor, begins)
      deepStrictEqual((await storage.link(peer)).pulled, begins)
      await reachedBy(storage)
      await greet(storage, peer, '' as Cursor, 'AAAAAAAAAAAAAAAA.9.f.0' as Cursor)
      const { pulled, pushed, generation } = await storage.link(peer)
      deepStrictEqual([pulled, pushed], [begins, (await storage.identity()).end])
      // One that pushed before it began anywhere can't know what its peer has forgotten since.
      await greet(storage, pusher, '' as Cursor)
      await reachedBy(storage, pusher)
      const before = await storage.link(pusher)
      await greet(storage, pusher, '' as Cursor, begins)
      const after = await storage.link(pusher)
      deepStrictEqual([after.pulled, after.pushed], [begins, ''])
      ok(after.generation > before.generation)
      strictEqual((await storage.link(peer)).generation, generation)
    },
  )

  check(
    'T5: a tombstone that is ahead of the clock stays, so that no write in its list comes too late',
    async ({ open, runtime }) => {
      const storage = await open()
      const ahead = BigInt(runtime.wall) * 1_000_000n + 80n * 365n * day
      await put(storage, write('a', 1n), tombstone('a', ahead), write('b', 2n), tombstone('b', 3n))
      strictEqual((await storage.sweep(usual)).dropped, 1)
      runtime.wall += 31 * msDay
      strictEqual((await storage.sweep(usual)).dropped, 0)
      const now = BigInt(runtime.wall) * 1_000_000n
      await storage.apply({ via: peer, role: 'pushed', changes: [write('c', now)] })
      deepStrictEqual(pathsOf(await wholeFeed(storage)), ['a', 'c'])
      deepStrictEqual(await storage.late(), [])
    },
  )

  check(
    'readers, late writes and the horizon outlive a reopening',
    async ({ open, reopen, runtime }) => {
      const storage = await open()
      await put(storage, write('a', 1n), tombstone('a', 10n))
      await storage.apply({ via: peer, role: 'pushed', changes: [write('b', 5n)] })
      strictEqual((await storage.sweep(usual)).dropped, 0)
      const again = await reopen(storage)
      strictEqual((await again.sweep(usual)).dropped, 0)
      runtime.wall += 31 * msDay
      strictEqual((await again.sweep(usual)).dropped, 1)
      await again.apply({ via: peer, role: 'pushed', changes: [write('a', 4n)] })
      const last = await reopen(again)
      deepStrictEqual(
        (await last.late()).map(({ change, via }) => [change, via]),
        [[write('a', 4n), peer]],
      )
    },
    'durable',
  )

  check('a sweep that makes no sense is refused', async ({ open }) => {
    const storage = await open()
    const refused = { code: 'invalid_argument' }
    await rejects(storage.sweep({ ...usual, horizon: -1 }), refused)
    await rejects(storage.sweep({ ...usual, minimumAge: 1.5 }), refused)
    await rejects(storage.forgetLate([1 as never]), refused)
    await rejects(storage.late({ count: 0 }), refused)
  })
}

/** All that is here has been pushed, and confirmed. */
async function reachedBy(storage: StateStorage, link: Origin = peer): Promise<void> {
  const { generation, pushed: expects } = await storage.link(link)
  const { end: pushed } = await storage.identity()
  const settled = { link, generation, expects, pushed, parked: [], unparked: [] }
  strictEqual(await storage.settle(settled), true)
}

/** As when the peer says hello: how far it has pulled. */
async function greet(
  storage: StateStorage,
  member: Origin,
  pulled: Cursor,
  begins?: Cursor,
): Promise<void> {
  const { origin } = await storage.identity()
  const nothing = { received: '' as Cursor, sequence: 0n, ids: [] }
  const known = { ...nothing, pulled, ...(begins !== undefined && { begins }) }
  strictEqual(await storage.confirm(member, origin, known), 'agreed')
}

const msDay = 24 * 60 * 60 * 1_000
const day = BigInt(msDay) * 1_000_000n
const usual = { minimumAge: msDay, horizon: 30 * msDay }
const pusher = 'pusher~0123456789abcdef' as Origin
