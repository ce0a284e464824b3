import { deepStrictEqual, notStrictEqual, strictEqual } from 'node:assert/strict'
import type { EventStore, Parked, PeerKnowledge } from '../../../contracts/index.ts'
import type { EventId, LinkId } from '../../../event/index.ts'
import { nodeOf } from '../../../event/index.ts'
import { type Cursor, cursorOf, parseCursor, start } from '../../../version/index.ts'
import type { Check } from './bench.ts'
import { writer } from './elsewhere.ts'
import { append, changesOf, idsOf, note, notes, pageAfter, snapshotOf, take } from './reading.ts'

export function links(check: Check): void {
  check('a link never used stands at the start of both logs', async ({ open }) => {
    const store = await open()
    const { pulled, pushed, received, parked } = await store.link(peer)
    deepStrictEqual({ pulled, pushed, received, parked }, { ...atStart, parked: [] })
    deepStrictEqual((await store.status()).links, [])
    deepStrictEqual(await store.knowledge(peer), {
      received: start,
      pulled: start,
      sequence: 0n,
      ids: [],
    })
  })

  check(
    'a push checkpoint moves from where the push began, and from nowhere else',
    async ({ open }) => {
      const store = await open()
      await append(store, ...notes(2))
      const { end } = await store.identity()
      strictEqual(await settleTo(store, end), true)
      strictEqual((await store.link(peer)).pushed, end)
      strictEqual(await settleTo(store, end, { expects: start, parked: [refusedNote('x')] }), false)
      deepStrictEqual(await parkedOf(store), [])
      strictEqual(await settleTo(store, end, { expects: end }), true)
    },
  )

  check('L4: where a push was seen is written down with what it settled', async ({ open }) => {
    const store = await open()
    await append(store, ...notes(2))
    const { end } = await store.identity()
    const reached = 'AAAAAAAAAAAAAAAA.7.' as Cursor
    const settled = { ...settlement(await store.link(peer), end), link: peer, reached }
    strictEqual(await store.settle({ ...settled, expects: end }), false)
    strictEqual((await store.knowledge(peer)).received, start)
    strictEqual(await store.settle(settled), true)
    strictEqual((await store.knowledge(peer)).received, reached)
    strictEqual(await settleTo(store, end, { expects: end }), true)
    strictEqual((await store.knowledge(peer)).received, reached)
  })

  check('of concurrent settlements from one checkpoint, one is written', async ({ open }) => {
    const store = await open()
    await append(store, ...notes(3))
    const { cursor } = await pageAfter(store, start, { count: 1 })
    const { end } = await store.identity()
    const outcomes = await Promise.all([settleTo(store, cursor), settleTo(store, end)])
    deepStrictEqual(outcomes.toSorted(), [false, true])
    strictEqual((await store.link(peer)).pushed, outcomes[0] ? cursor : end)
  })

  check('S4: a settlement of a push that began before a reset is refused', async ({ open }) => {
    const store = await open()
    const there = writer('peer')
    await take(store, peer, [there.write()])
    await append(store, note('b'))
    await store.confirm(peer, (await store.identity()).origin, nothing)
    const before = await store.link(peer)
    const { end } = await store.identity()
    await store.resetLink(peer)
    strictEqual(await store.settle({ ...settlement(before, end), link: peer }), false)
    strictEqual((await store.link(peer)).pushed, start)
    strictEqual((await changesOf(store, { notVia: peer })).length, 2)
    const now = await store.link(peer)
    strictEqual(await store.settle({ ...settlement(now, end), link: peer }), true)
  })

  check('parked events stand oldest first until they are confirmed', async ({ open }) => {
    const store = await open()
    const [a, b, c] = ['a', 'b', 'c'].map(refusedNote)
    await settleTo(store, start, { parked: [a!, b!] })
    await settleTo(store, start, { parked: [{ ...a!, message: 'again' }, c!] })
    deepStrictEqual(await parkedOf(store), [{ ...a, message: 'again' }, b, c])
    await settleTo(store, start, { unparked: [a!.id, c!.id, 'unknown' as EventId] })
    deepStrictEqual(await parkedOf(store), [b])
    await settleTo(store, start, { parked: [a!], unparked: [b!.id] })
    deepStrictEqual(await parkedOf(store), [a])
    deepStrictEqual(await parkedOf(store, writer('other').origin), [])
  })

  check(
    'an event parked again in the settlement that confirms it stays parked',
    async ({ open }) => {
      const store = await open()
      await settleTo(store, start, { parked: [refusedNote('a')], unparked: ['a' as EventId] })
      deepStrictEqual(await parkedOf(store), [refusedNote('a')])
    },
  )

  check('S4: after a reset, what came over the link counts as unsent', async ({ open }) => {
    const store = await open()
    const there = writer('peer')
    await take(store, peer, [there.write()], { cursor: peerCursor(4) })
    await take(store, peer, [there.write()], { role: 'pushed', cursor: peerCursor(2) })
    const other = writer('other')
    await take(store, other.origin, [other.write()])
    await settleTo(store, (await store.identity()).end, { parked: [refusedNote('x')] })
    await store.resetLink(peer)
    const { pulled, pushed, received, parked } = await store.link(peer)
    deepStrictEqual({ pulled, pushed, parked }, { pulled: start, pushed: start, parked: [] })
    strictEqual(received, peerCursor(2), 'what the peer pushed here is not forgotten')
    deepStrictEqual(idsOf(await changesOf(store, { notVia: peer })), [
      'peer-1',
      'peer-2',
      'other-1',
    ])
    strictEqual((await changesOf(store, { notVia: other.origin })).length, 2)
    await take(store, peer, [there.write()])
    strictEqual((await changesOf(store, { notVia: peer })).length, 3, 'what comes now is not')
  })

  check('a link never used can be reset', async ({ open }) => {
    const store = await open()
    await append(store, note())
    await store.resetLink(peer)
    strictEqual((await changesOf(store, { notVia: peer })).length, 1)
  })

  check('knowledge of a peer is its highest sequence here and who holds it', async ({ open }) => {
    const store = await open()
    const [there, relay] = [writer('peer'), writer('relay')]
    const [one, two] = [there.write(), there.write({ aggregateId: 'b' })]
    await take(store, relay.origin, [two, one])
    deepStrictEqual(await store.knowledge(peer), {
      received: start,
      pulled: start,
      sequence: 2n,
      ids: [two.id],
    })
    await take(store, peer, [], { role: 'pushed', cursor: peerCursor(9) })
    strictEqual((await store.knowledge(peer)).received, peerCursor(9))
    const { origin } = await store.identity()
    const [, own] = await append(store, ...notes(2))
    deepStrictEqual(await store.knowledge(origin), {
      received: start,
      pulled: start,
      sequence: 2n,
      ids: [own!.id],
    })
  })

  confirming(check)
  statusNumbers(check)
}

function confirming(check: Check): void {
  check('a peer that knows nothing or what we know is agreed with', async ({ open }) => {
    const store = await open()
    const [one, two] = await append(store, ...notes(2))
    const { origin, end } = await store.identity()
    for (const known of [
      nothing,
      { ...nothing, sequence: 1n, ids: [one!.id] },
      { ...nothing, sequence: 2n, ids: ['fork' as EventId, two!.id] },
      { ...nothing, received: end },
    ])
      strictEqual(await store.confirm(peer, origin, known), 'agreed')
    strictEqual((await store.identity()).origin, origin)
  })

  const tooMuch: readonly (readonly [string, (store: EventStore) => Promise<PeerKnowledge>])[] = [
    [
      'a sequence we have not written',
      async () => ({ ...nothing, sequence: 3n, ids: ['lost' as EventId] }),
    ],
    [
      'another event at a sequence of ours',
      async () => ({ ...nothing, sequence: 2n, ids: ['fork' as EventId] }),
    ],
    [
      'a cursor beyond our end',
      async (store) => {
        const point = parseCursor((await store.identity()).end)!
        const position = (point.position + 1n) as typeof point.position
        return { ...nothing, received: cursorOf({ ...point, position }) }
      },
    ],
    ['a cursor of another lineage', async () => ({ ...nothing, received: peerCursor(1) })],
  ]
  for (const [what, knowledge] of tooMuch)
    check(`S4: a peer that knows ${what} makes us renew our origin`, async ({ open }) => {
      const store = await open()
      await append(store, ...notes(2))
      const { origin, node, end } = await store.identity()
      strictEqual(await store.confirm(peer, origin, await knowledge(store)), 'renewed')
      const renewed = await store.identity()
      notStrictEqual(renewed.origin, origin)
      deepStrictEqual([renewed.node, nodeOf(renewed.origin), renewed.end], [node, node, end])
      strictEqual((await append(store, note()))[0]!.sequence, 1n)
      strictEqual(await store.confirm(peer, origin, nothing), 'renewed', 'the old origin is over')
    })

  check('S4: a peer with less than it confirmed starts the link over', async ({ open }) => {
    const store = await open()
    const there = writer('peer')
    await append(store, ...notes(2))
    const { cursor } = await pageAfter(store, start, { count: 1 })
    const { origin, end } = await store.identity()
    await settleTo(store, end, { acknowledged: end, parked: [refusedNote('x')] })
    await take(store, peer, [there.write()], { cursor: peerCursor(1) })
    strictEqual(await store.confirm(peer, origin, { ...nothing, received: end }), 'agreed')
    for (const received of [start, cursor]) {
      strictEqual(await store.confirm(peer, origin, { ...nothing, received }), 'reset')
      const { pulled, pushed, parked } = await store.link(peer)
      deepStrictEqual({ pulled, pushed, parked }, { pulled: start, pushed: start, parked: [] })
      strictEqual((await changesOf(store, { notVia: peer })).length, 3)
      strictEqual(await store.confirm(peer, origin, { ...nothing, received }), 'agreed')
      await settleTo(store, end, { acknowledged: end })
    }
  })

  check(
    'a peer that had less only before the checkpoint moved is to be asked again',
    async ({ open }) => {
      const store = await open()
      await append(store, ...notes(2))
      const { cursor } = await pageAfter(store, start, { count: 1 })
      const { origin, end } = await store.identity()
      await settleTo(store, cursor, { acknowledged: cursor })
      await settleTo(store, end, { expects: cursor, acknowledged: end })
      const { generation } = await store.link(peer)
      const told = { ...nothing, received: cursor }
      strictEqual(await store.confirm(peer, origin, { ...told, asked: cursor }), 'overtaken')
      deepStrictEqual((await store.link(peer)).generation, generation)
      strictEqual((await store.link(peer)).pushed, end)
      const inTime = { ...nothing, received: end, asked: cursor }
      strictEqual(await store.confirm(peer, origin, inTime), 'agreed')
      strictEqual(await store.confirm(peer, origin, { ...told, asked: end }), 'reset')
    },
  )

  check('a settlement without an acknowledgement keeps the one there is', async ({ open }) => {
    const store = await open()
    await append(store, ...notes(2))
    const { cursor } = await pageAfter(store, start, { count: 1 })
    const { origin, end } = await store.identity()
    await settleTo(store, cursor, { acknowledged: cursor })
    await settleTo(store, end, { expects: cursor })
    strictEqual(await store.confirm(peer, origin, { ...nothing, received: cursor }), 'agreed')
    strictEqual(await store.confirm(peer, origin, nothing), 'reset')
  })

  check('an origin is renewed once for each finding', async ({ open }) => {
    const store = await open()
    const { origin } = await store.identity()
    await Promise.all([store.renewOrigin(origin), store.renewOrigin(origin)])
    const renewed = await store.identity()
    notStrictEqual(renewed.origin, origin)
    await store.renewOrigin(origin)
    strictEqual((await store.identity()).origin, renewed.origin)
  })
}

function statusNumbers(check: Check): void {
  check(
    'status counts events, aggregates and what each link has not confirmed',
    async ({ open }) => {
      const store = await open('counting')
      const { origin } = await store.identity()
      deepStrictEqual(await store.status(), {
        node: 'counting',
        origin,
        position: 0n,
        events: 0n,
        erased: 0n,
        aggregates: 0n,
        clashes: 0n,
        clockLead: 0,
        links: [],
      })
      const there = writer('peer')
      await append(store, note('a'), note('b'))
      await take(store, peer, [there.write(), there.write({ aggregateId: 'c' })], {
        cursor: peerCursor(2),
      })
      const { cursor } = await pageAfter(store, start, { count: 1 })
      await settleTo(store, cursor, { parked: [refusedNote('x')] })
      deepStrictEqual(await store.status(), {
        node: 'counting',
        origin,
        position: 4n,
        events: 4n,
        erased: 0n,
        aggregates: 3n,
        clashes: 0n,
        clockLead: 0,
        links: [{ link: peer, pulled: peerCursor(2), pushed: cursor, unsynced: 2n, parked: 1 }],
      })
    },
  )

  check('unsynced follows what is appended, settled and reset', async ({ open }) => {
    const store = await open()
    const unsynced = async () =>
      (await store.status()).links.find(({ link }) => link === peer)?.unsynced
    await settleTo(store, start)
    strictEqual(await unsynced(), 0n)
    await append(store, ...notes(3))
    strictEqual(await unsynced(), 3n)
    await settleTo(store, (await store.identity()).end)
    strictEqual(await unsynced(), 0n)
    const [there, other] = [writer('peer'), writer('other')]
    await take(store, peer, [there.write()])
    await take(store, other.origin, [other.write()])
    strictEqual(await unsynced(), 1n)
    await store.resetLink(peer)
    strictEqual(await unsynced(), 5n)
  })

  check('reading and asking leave everything as it is', async ({ open }) => {
    const store = await open()
    await append(store, ...notes(2))
    const before = await snapshotOf(store)
    await store.link(peer)
    await store.knowledge(peer)
    await store.heads('unknown')
    await store.fetch(['unknown' as EventId])
    await store.changes(start, { count: 1, bytes: 1, notVia: peer })
    deepStrictEqual(await snapshotOf(store), before)
  })
}

/** Settles from where the link stands, unless told otherwise. */
async function settleTo(
  store: EventStore,
  pushed: Cursor,
  rest: Partial<Parameters<EventStore['settle']>[0]> = {},
): Promise<boolean> {
  const state = await store.link(peer)
  return store.settle({ ...settlement(state, pushed), link: peer, ...rest })
}

function settlement(state: Awaited<ReturnType<EventStore['link']>>, pushed: Cursor) {
  const { generation, pushed: expects } = state
  return { generation, expects, pushed, parked: [], unparked: [] }
}

async function parkedOf(store: EventStore, link = peer): Promise<readonly Parked[]> {
  return (await store.link(link)).parked.map((one) => ({ ...one }))
}

function refusedNote(id: string): Parked {
  return { id: id as EventId, reason: 'invalid', message: `${id} is not liked` }
}

function peerCursor(n: number): Cursor {
  return `BBBBBBBBBBBBBBBB.${n}.` as Cursor
}

const peer: LinkId = writer('peer').origin
const nothing: PeerKnowledge = { received: start, pulled: start, sequence: 0n, ids: [] }
const atStart = { pulled: start, pushed: start, received: start }
