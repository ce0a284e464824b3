import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict'
import type { Compacted, CompactOptions, EventStore } from '../../../contracts/index.ts'
import { compactedOf, filterOf, type LogEvent, snapshotType } from '../../../event/index.ts'
import { systemRuntime } from '../../../runtime/index.ts'
import { type Position, start } from '../../../version/index.ts'
import type { Check } from './bench.ts'
import { stubOf, unlinkedEvent, writer } from './elsewhere.ts'
import {
  append,
  changesOf,
  entriesOf,
  idsOf,
  kindsOf,
  note,
  notes,
  pageAfter,
  sameEvents,
  snapshotOf,
  take,
} from './reading.ts'

export function compacting(given: Check): void {
  const check: Check = (name, run) => given(name, run, 'compaction')

  check('what a snapshot covers keeps its place and its header', async ({ open }) => {
    const store = await open()
    const [one, two] = await append(store, note('a', 'long', 'one'), note('a', 'longer', 'two'))
    const [other] = await append(store, note('b', {}, 'other'))
    const [snap, after] = await append(store, snapshot('a'), note('a', {}, 'after'))
    const before = await entriesOf(store)
    const { compacted, bytes, aggregates, upTo, kept } = await compact(store)
    deepStrictEqual([compacted, aggregates, upTo, kept], [2, 1, 5n, []])
    ok(bytes >= '"long""longer"'.length)
    const stubs = [compactedOf(one!), compactedOf(two!)]
    sameEvents(await changesOf(store), [...stubs, other!, snap!, after!])
    sameEvents(await store.fetch([one!.id]), [stubs[0]!])
    const positions = (entries: typeof before) => entries.map(({ position }) => position)
    deepStrictEqual(positions(await entriesOf(store)), positions(before))
    deepStrictEqual(await store.heads('a'), [after!.id])
    const { events, position } = await store.status()
    deepStrictEqual([events, position], [5n, 5n])
  })

  check('a repeat changes nothing, and neither does a log without snapshots', async ({ open }) => {
    const store = await open()
    await append(store, note('a'), note('b'))
    deepStrictEqual(await compact(store), nothing(2n))
    await append(store, snapshot('a'))
    strictEqual((await compact(store)).compacted, 1)
    const before = await snapshotOf(store)
    deepStrictEqual(await compact(store), nothing(3n))
    deepStrictEqual(await snapshotOf(store), before)
  })

  check('a reader half-way gets stubs for the rest, and then the snapshot', async ({ open }) => {
    const store = await open()
    const events = await append(store, ...notes(4), snapshot('a'), note('a'))
    const { cursor } = await pageAfter(store, start, { count: 2 })
    await compact(store)
    const rest = await changesOf(store, {}, cursor)
    const stubs = events.slice(2, 4).map(compactedOf)
    sameEvents(rest, [...stubs, ...events.slice(4)])
    // Whoever has nothing yet takes all of it in as it comes.
    const copy = await open('copy')
    const { origin } = await store.identity()
    const receipts = await take(copy, origin, await changesOf(store))
    deepStrictEqual(new Set(kindsOf(receipts)), new Set(['stored']))
    sameEvents(await changesOf(copy), await changesOf(store))
    deepStrictEqual(await copy.heads('a'), await store.heads('a'))
  })

  check('long histories are compacted in parts, as a whole', async ({ open }) => {
    const store = await open()
    await append(store, ...notes(1_203))
    await append(store, snapshot('a'))
    const told: number[] = []
    const onProgress = ({ compacted }: { compacted: number }) => void told.push(compacted)
    strictEqual((await compact(store, { onProgress })).compacted, 1_203)
    deepStrictEqual(told, [1_203])
    strictEqual((await entriesOf(store)).filter(({ event }) => event.stub === null).length, 1)
  })

  check('a later snapshot covers the one before', async ({ open }) => {
    const store = await open()
    const [one, first] = await append(store, note('a'), snapshot('a'))
    const [two, second] = await append(store, note('a'), snapshot('a'))
    strictEqual((await compact(store, { before: 3n as Position })).compacted, 1)
    strictEqual((await compact(store)).compacted, 2)
    sameEvents(await changesOf(store), [...[one!, first!, two!].map(compactedOf), second!])
  })

  check('what was written beside a snapshot is kept', async ({ open }) => {
    const store = await open()
    const there = writer()
    const one = there.write()
    const beside = there.write({ parents: [one] })
    const snap = there.write({ parents: [one], type: snapshotType })
    await take(store, there.origin, [one, beside, snap])
    strictEqual((await compact(store, { leaveBehind: [there.origin] })).compacted, 1)
    sameEvents(await changesOf(store), [compactedOf(one), beside, snap])
  })

  check(
    'C3: nothing is compacted in part: all of it and its snapshot, or nothing',
    async ({ open }) => {
      const store = await open()
      await append(store, ...notes(2), snapshot('a'), ...notes(1, 'b'), snapshot('b'))
      deepStrictEqual(await compact(store, { before: 2n as Position }), {
        ...nothing(2n),
        kept: [{ reason: 'horizon', aggregates: 2, aggregateId: 'a' }],
      })
      const { compacted, kept } = await compact(store, { before: 3n as Position })
      deepStrictEqual([compacted, kept.map(({ aggregateId }) => aggregateId)], [2, ['b']])
      strictEqual((await compact(store, { aggregateId: 'a' })).compacted, 0)
      strictEqual((await compact(store, { aggregateId: 'b' })).compacted, 1)
    },
  )

  check(
    'C3: what a snapshot younger than 30 days stands for is kept, if nothing else is said',
    async ({ open, runtime }) => {
      const store = await open()
      await append(store, ...notes(2), snapshot('a'), ...notes(1, 'b'), snapshot('b'))
      ok(store.compact)
      const young = [{ reason: 'young', aggregates: 2, aggregateId: 'a' }]
      deepStrictEqual(await store.compact(), { ...nothing(5n), kept: young })
      runtime.wall += 30 * day - 1
      deepStrictEqual(await store.compact(), { ...nothing(5n), kept: young })
      runtime.wall += 1
      const { compacted, kept } = await store.compact()
      deepStrictEqual([compacted, kept], [3, []])
    },
  )

  check('an older snapshot counts when a later one does not yet', async ({ open, runtime }) => {
    const store = await open()
    const olderThan = 7 * day
    const [one, first] = await append(store, note('a'), snapshot('a'))
    runtime.wall += olderThan
    const [two, second] = await append(store, note('a'), snapshot('a'))
    const { compacted, kept } = await compact(store, { olderThan })
    const young = { reason: 'young', aggregates: 1, aggregateId: 'a' }
    deepStrictEqual([compacted, kept], [1, [young]])
    sameEvents(await changesOf(store), [compactedOf(one!), first!, two!, second!])
    // The horizon in the log holds beside it.
    runtime.wall += olderThan
    const bounded = await compact(store, { olderThan, before: 3n as Position })
    deepStrictEqual(bounded.kept, [{ ...young, reason: 'horizon' }])
    strictEqual((await compact(store, { olderThan })).compacted, 2)
  })

  check(
    'a snapshot of a clock that is ahead is young, however little is asked',
    async ({ open, runtime }) => {
      const store = await open()
      await append(store, note('a'), snapshot('a'))
      runtime.wall -= 1_000
      const { compacted, kept } = await compact(store, { olderThan: 1 })
      deepStrictEqual([compacted, kept.map(({ reason }) => reason)], [0, ['young']])
      strictEqual((await compact(store)).compacted, 1)
    },
  )

  check('an ancestor that has moved behind the horizon holds all of them', async ({ open }) => {
    const store = await open()
    const there = writer()
    const one = there.write()
    const two = there.write({ parents: [one] })
    const snap = there.write({ parents: [two], type: snapshotType })
    await take(store, there.origin, [one, stubOf(two), snap])
    deepStrictEqual(kindsOf(await take(store, there.origin, [two])), ['filled'])
    const leaveBehind = [there.origin]
    const { compacted, kept } = await compact(store, { leaveBehind, before: 3n as Position })
    deepStrictEqual([compacted, kept.map(({ reason }) => reason)], [0, ['horizon']])
    strictEqual((await compact(store, { leaveBehind })).compacted, 2)
  })

  check('what a remote has not got is kept, as long as it is not left behind', async ({ open }) => {
    const store = await open()
    await append(store, ...notes(2), snapshot('a'))
    const link = writer().origin
    const push = async (upTo: number) => {
      const { generation, pushed: expects } = await store.link(link)
      const { cursor: pushed } = await pageAfter(store, start, { count: upTo })
      ok(await store.settle({ link, generation, expects, pushed, parked: [], unparked: [] }))
    }
    await push(2)
    const { compacted, upTo, kept } = await compact(store)
    deepStrictEqual([compacted, upTo], [0, 2n])
    deepStrictEqual(kept, [
      { reason: 'unsent', name: link, upTo: 2n, aggregates: 1, aggregateId: 'a' },
    ])
    await push(3)
    strictEqual((await compact(store)).compacted, 2)
    await append(store, snapshot('a'), note('a'), snapshot('a'))
    strictEqual((await compact(store)).compacted, 0)
    strictEqual((await compact(store, { leaveBehind: [link] })).compacted, 3)
  })

  check('what is parked, and what it stands on, is kept', async ({ open }) => {
    const store = await open()
    const [one] = await append(store, note('a'), snapshot('a'))
    const link = writer().origin
    const { end: pushed } = await store.identity()
    const parked = [{ id: one!.id, reason: 'invalid', message: 'no' }] as const
    const settlement = { link, generation: 0, expects: start, pushed, unparked: [] }
    ok(await store.settle({ ...settlement, parked }))
    deepStrictEqual((await compact(store)).kept, [
      { reason: 'parked', name: link, aggregates: 1, aggregateId: 'a' },
    ])
    const { generation } = await store.link(link)
    const again = { ...settlement, generation, expects: pushed, parked: [] }
    ok(await store.settle({ ...again, unparked: [one!.id] }))
    strictEqual((await compact(store)).compacted, 1)
  })

  check('peers that pull are waited for, unless they are silent', async ({ open, runtime }) => {
    const store = await open()
    await append(store, ...notes(2), snapshot('a'))
    const { origin } = await store.identity()
    const peer = writer('peer').origin
    const pulls = async (upTo: number) => {
      const pulled = upTo === 0 ? start : (await pageAfter(store, start, { count: upTo })).cursor
      return store.confirm(peer, origin, { received: start, pulled, sequence: 0n, ids: [] })
    }
    await pulls(0)
    await pulls(2)
    const { compacted, kept } = await compact(store)
    deepStrictEqual(
      [compacted, kept],
      [0, [{ reason: 'reader', name: peer, upTo: 2n, aggregates: 1, aggregateId: 'a' }]],
    )
    runtime.wall += 1_000
    strictEqual((await compact(store, { silence: 999 })).compacted, 2)
    await append(store, note('a'), snapshot('a'))
    strictEqual((await compact(store)).compacted, 0)
    await pulls(5)
    const { upTo, compacted: more } = await compact(store)
    deepStrictEqual([upTo, more], [5n, 2])
  })

  check(
    'other readers are waited for, and what they may look at again is kept',
    async ({ open }) => {
      const store = await open()
      await append(store, note('a'), snapshot('a'))
      const reader = { name: 'mail', upTo: 1n as Position }
      const behind = await compact(store, { readers: [reader] })
      deepStrictEqual(behind.kept, [
        { reason: 'behind', name: 'mail', upTo: 1n, aggregates: 1, aggregateId: 'a' },
      ])
      const readers = [{ name: 'mail', upTo: 2n as Position, holds: ['a'] }]
      strictEqual((await compact(store, { readers })).kept[0]?.reason, 'parked')
      strictEqual((await compact(store, { readers, leaveBehind: ['mail'] })).compacted, 1)
    },
  )

  check('what has no causality yet keeps its snapshot from covering anything', async ({ open }) => {
    const store = await open()
    const there = writer()
    const bare = unlinkedEvent('bare')
    const child = there.write({ parents: [bare] })
    const snap = there.write({ parents: [child], type: snapshotType })
    await take(store, there.origin, [bare, child, snap])
    const { compacted, kept } = await compact(store, { leaveBehind: [there.origin] })
    deepStrictEqual([compacted, kept.map(({ reason }) => reason)], [0, ['unlinked']])
  })

  check(
    'a compacted id is known: repeats are duplicates, children are taken in',
    async ({ open }) => {
      const store = await open()
      const there = writer()
      const one = there.write()
      const snap = there.write({ parents: [one], type: snapshotType })
      await take(store, there.origin, [one, snap])
      await compact(store, { leaveBehind: [there.origin] })
      const late = there.write({ parents: [one] })
      const receipts = await take(store, there.origin, [one, stubOf(one), late], { role: 'pushed' })
      deepStrictEqual(kindsOf(receipts), ['duplicate', 'duplicate', 'stored'])
      sameEvents(await changesOf(store), [compactedOf(one), snap, late])
      deepStrictEqual([...(await store.heads('a'))].sort(), [snap.id, late.id].sort())
      const { type, aggregateId, dataText } = one
      sameEvents(await append(store, { id: one.id, type, aggregateId, dataText }), [
        compactedOf(one),
      ])
    },
  )

  check(
    'the tenant stays, so that its filter still knows whose an aggregate is',
    async ({ open }) => {
      const store = await open()
      const metadata = { tenant: 'x', note: 'secret' }
      const [one] = await append(store, { ...note('a'), metadata })
      const [snap] = await append(store, snapshot('a'))
      await append(store, note('b'))
      await compact(store)
      const where = { operation: 'test', component: 'test' }
      const filter = filterOf({ tenant: 'x' }, systemRuntime, where)
      const shown = await changesOf(store, { filter })
      sameEvents(shown, [compactedOf(one!), snap!])
      strictEqual(shown[0]?.metadataText, '{"tenant":"x"}')
    },
  )

  check(
    'a snapshot that alone says what came of compacted events is not erased',
    async ({ open }) => {
      const store = await open()
      const [one, snap] = await append(store, note('a'), snapshot('a'))
      // Another replica may have compacted already.
      await rejects(store.erase([snap!.id]), /take another snapshot first/)
      await compact(store)
      const before = await snapshotOf(store)
      await rejects(store.erase([snap!.id]), /take another snapshot first/)
      deepStrictEqual(await snapshotOf(store), before)
      await append(store, snapshot('a'))
      deepStrictEqual(await store.erase([snap!.id]), { erased: 1, unknown: [] })
      strictEqual((await store.erase([one!.id])).erased, 1)
      strictEqual((await store.erase({ aggregateId: 'a' })).erased, 1)
    },
  )

  check('an erasure from elsewhere wins over what is compacted', async ({ open }) => {
    const store = await open()
    const [one] = await append(store, note('a'), snapshot('a'))
    await compact(store)
    const erased = new (one!.constructor as typeof LogEvent)({
      ...compactedOf(one!),
      stub: 'erased',
    })
    deepStrictEqual(kindsOf(await take(store, writer().origin, [erased])), ['filled'])
    strictEqual((await store.status()).erased, 1n)
  })

  check('an abort leaves what was done, and a repeat completes it', async ({ open }) => {
    const store = await open()
    for (const id of ['a', 'b', 'c']) await append(store, note(id), snapshot(id))
    const calling = new AbortController()
    const reason = new Error('enough')
    const onProgress = () => calling.abort(reason)
    await rejects(compact(store, { onProgress, signal: calling.signal }), reason)
    strictEqual((await compact(store)).compacted, 2)
    deepStrictEqual(idsOf(await changesOf(store)).length, 6)
  })

  check('options that make no sense are refused', async ({ open }) => {
    const store = await open()
    const nonsense = [
      { olderThan: -1 },
      { olderThan: '30d' },
      { before: 3 },
      { silence: -1 },
      { leaveBehind: 'a' },
      { readers: [{}] },
    ]
    for (const wrong of nonsense)
      await rejects(compact(store, wrong as never), { code: 'invalid_argument' })
  })

  given(
    'what was compacted is so after a reopening and a crash, and so is how far peers have come',
    async ({ open, reopen, crash }) => {
      let store = await open()
      if (store.compact === undefined) return
      const events = await append(store, ...notes(2), snapshot('a'))
      const { origin, end: pulled } = await store.identity()
      const peer = writer('peer').origin
      await store.confirm(peer, origin, { received: start, pulled, sequence: 0n, ids: [] })
      await compact(store)
      await append(store, note('a'), snapshot('a'))
      for (const again of [reopen, crash]) {
        store = await again(store)
        const found = await changesOf(store)
        sameEvents(found.slice(0, 3), [...events.slice(0, 2).map(compactedOf), events[2]!])
        const { upTo, compacted } = await compact(store)
        deepStrictEqual([upTo, compacted], [3n, 0])
      }
    },
    'durable',
  )
}

/** Without the horizon in time, unless the options name it. */
function compact(store: EventStore, options: CompactOptions = {}): Promise<Compacted> {
  ok(store.compact, 'the store says that it can compact, and has no compact')
  return store.compact({ olderThan: 0, ...options })
}

const day = 86_400_000

function snapshot(aggregateId: string) {
  return { type: snapshotType, aggregateId, data: 'what came of it' }
}

function nothing(upTo: bigint): Compacted {
  return { compacted: 0, bytes: 0, aggregates: 0, upTo: upTo as Position, kept: [] }
}
