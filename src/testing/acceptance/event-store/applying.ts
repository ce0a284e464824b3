import { deepStrictEqual, notStrictEqual, strictEqual } from 'node:assert/strict'
import type { EventId, LogEvent } from '../../../event/index.ts'
import { nodeOf } from '../../../event/index.ts'
import type { Cursor } from '../../../version/index.ts'
import { start } from '../../../version/index.ts'
import type { Check } from './bench.ts'
import { altered, eventOf, unlinkedEvent, writer } from './elsewhere.ts'
import {
  append,
  changesOf,
  idsIn,
  kindsOf,
  note,
  refusalIn,
  sameEvents,
  snapshotOf,
  take,
} from './reading.ts'
import { year2200 } from './test-runtime.ts'

const roles = ['pulled', 'pushed'] as const

export function applying(check: Check): void {
  for (const role of roles) {
    check(`S1: what is ${role} is stored as it was written, in its order`, async ({ open }) => {
      const store = await open()
      const there = writer()
      const [one, two] = [there.write(), there.write({ aggregateId: 'b', metadataText: '{"x":1}' })]
      const three = there.write({ parents: [one] })
      deepStrictEqual(await take(store, there.origin, [one, two, three], { role }), [
        { kind: 'stored' },
        { kind: 'stored' },
        { kind: 'stored' },
      ])
      sameEvents(await changesOf(store), [one, two, three])
      deepStrictEqual(await store.heads('a'), [three.id])
      strictEqual((await store.identity()).origin === there.origin, false)
    })

    check(`S3: what is ${role} again is a duplicate and changes nothing`, async ({ open }) => {
      const store = await open()
      const there = writer()
      const events = [there.write(), unlinkedEvent('compat'), there.write({ aggregateId: 'b' })]
      await take(store, there.origin, events, { role })
      const before = await snapshotOf(store)
      const again = await take(store, there.origin, events.toReversed(), { role })
      deepStrictEqual(kindsOf(again), ['duplicate', 'duplicate', 'duplicate'])
      deepStrictEqual(await snapshotOf(store), before)
    })

    check(`L2: other content under a known id is rejected when ${role}`, async ({ open }) => {
      const store = await open()
      const there = writer()
      const event = there.write({ id: 'one' })
      await take(store, there.origin, [event])
      const [receipt, next] = await take(
        store,
        there.origin,
        [altered(event, { dataText: '2', hash: there.write().hash }), there.write()],
        { role },
      )
      deepStrictEqual(refusalIn(receipt), ['id_conflict', false])
      strictEqual(next!.kind, 'stored')
      sameEvents(await store.fetch([event.id]), [event])
    })

    check(`an event that is ${role} before its parents is answered with them`, async ({ open }) => {
      const store = await open()
      const there = writer()
      const [one, two] = [there.write(), there.write()]
      const three = there.write({ parents: [one, two] })
      await take(store, there.origin, [one], { role })
      const receipts = await take(store, there.origin, [three, there.write({ id: 'beside' })], {
        role,
      })
      deepStrictEqual(receipts, [{ kind: 'missing', parents: [two.id] }, { kind: 'stored' }])
      deepStrictEqual(await idsIn(store), [one.id, 'beside'])
      deepStrictEqual(kindsOf(await take(store, there.origin, [two, three], { role })), [
        'stored',
        'stored',
      ])
    })

    check(`a parent in another aggregate is refused when ${role}`, async ({ open }) => {
      const store = await open()
      const there = writer()
      const one = there.write({ aggregateId: 'a' })
      const [, receipt] = await take(
        store,
        there.origin,
        [one, there.write({ aggregateId: 'b', parents: [one] })],
        { role },
      )
      deepStrictEqual(refusalIn(receipt), ['invalid', false])
      deepStrictEqual(await idsIn(store), [one.id])
      deepStrictEqual(await store.heads('b'), [])
    })

    check(`a stamp beyond the year 2200 is refused when ${role}`, async ({ open }) => {
      const store = await open()
      const there = writer()
      const last = BigInt(year2200) * 1_000_000n
      const receipts = await take(
        store,
        there.origin,
        [there.write({ stamp: last + 1n }), there.write({ stamp: 1n })],
        { role },
      )
      strictEqual(refusalIn(receipts[0])[0], 'invalid')
      strictEqual(receipts[1]!.kind, 'stored', 'old stamps are never refused')
    })
  }

  check('T5: a stamp a day ahead is refused for now by its first acceptor', async (bench) => {
    const store = await bench.open()
    const there = writer()
    const stamp = BigInt(bench.runtime.wall + day) * 1_000_000n
    const event = there.write({ stamp })
    const [receipt] = await take(store, there.origin, [event], { role: 'pushed' })
    deepStrictEqual(refusalIn(receipt), ['clock', true])
    strictEqual((await store.status()).events, 0n)
    bench.runtime.wall += 1
    const [healed] = await take(store, there.origin, [event], { role: 'pushed' })
    strictEqual(healed!.kind, 'stored')
  })

  check('T5: a stamp a day ahead is taken when it is pulled or relayed', async (bench) => {
    const store = await bench.open()
    const [there, relay] = [writer(), writer('relay')]
    const stamp = BigInt(bench.runtime.wall + 10 * day) * 1_000_000n
    const events = [there.write({ stamp }), there.write({ stamp: stamp + 1n, aggregateId: 'b' })]
    deepStrictEqual(kindsOf(await take(store, there.origin, [events[0]!])), ['stored'])
    const relayed = await take(store, relay.origin, [events[1]!], { role: 'pushed' })
    deepStrictEqual(kindsOf(relayed), ['stored'])
    sameEvents(await changesOf(store), events)
  })

  check(
    'T5: what goes on just above what is a day ahead here already is taken in, and nothing else so far ahead',
    async (bench) => {
      const store = await bench.open()
      const [there, late, own] = [writer(), writer('late'), writer('own')]
      const stamp = BigInt(bench.runtime.wall + 2 * day) * 1_000_000n
      const second = 1_000_000_000n
      const ahead = there.write({ stamp })
      await take(store, late.origin, [ahead], { role: 'pushed' })
      const child = own.write({ stamp: stamp + 1n, parents: [ahead] })
      const next = own.write({ parents: [child] })
      // Its own clock goes on above its own ticks, also where nobody else has written.
      const elsewhere = own.write({ aggregateId: 'b' })
      const tooFar = own.write({ stamp: stamp + 2n * second, parents: [next] })
      const parentless = late.write({ stamp: stamp + 1n })
      const pushed = [child, next, elsewhere, tooFar]
      const [other, ...kinds] = [
        ...(await take(store, late.origin, [parentless], { role: 'pushed' })),
        ...(await take(store, own.origin, pushed, { role: 'pushed' })),
      ]
      deepStrictEqual(refusalIn(other), ['clock', true])
      deepStrictEqual(refusalIn(kinds.pop()), ['clock', true])
      deepStrictEqual(kindsOf(kinds), ['stored', 'stored', 'stored'])
      deepStrictEqual(await store.heads('a'), [next.id])
    },
  )

  check('T5: this clock follows what it sees up to a minute ahead of its own', async (bench) => {
    const store = await bench.open()
    const there = writer()
    const at = (milliseconds: number) => BigInt(bench.runtime.wall + milliseconds) * 1_000_000n
    await take(store, there.origin, [there.write({ stamp: at(30_000) })])
    strictEqual((await append(store, note('b')))[0]!.stamp, at(30_000) + 1n)
    await take(store, there.origin, [there.write({ stamp: at(3_600_000) })])
    strictEqual((await append(store, note('b')))[0]!.stamp, at(60_000) + 1n)
    strictEqual((await store.status()).clockLead, 60_000)
    await take(store, there.origin, [there.write({ stamp: at(-60_000) })])
    strictEqual((await append(store, note('b')))[0]!.stamp, at(60_000) + 2n)
    bench.runtime.wall += 20_000
    strictEqual((await store.status()).clockLead, 40_000)
    bench.runtime.wall += 50_000
    strictEqual((await store.status()).clockLead, 0)
  })

  check(
    'S4: another event at a known sequence is refused from the origin itself',
    async ({ open }) => {
      const store = await open()
      const there = writer()
      await take(store, there.origin, [there.write(), there.write()], { role: 'pushed' })
      const fork = there.write({ id: 'fork', sequence: 1n })
      const before = await snapshotOf(store)
      deepStrictEqual(await take(store, there.origin, [fork], { role: 'pushed' }), [
        { kind: 'forked' },
      ])
      deepStrictEqual(await snapshotOf(store), before)
    },
  )

  check(
    'S4: the same fork is stored and counted when it is pulled or relayed',
    async ({ open }) => {
      for (const role of roles) {
        const store = await open()
        const [there, relay] = [writer(), writer('relay')]
        await take(store, there.origin, [there.write()], { role: 'pushed' })
        const fork = there.write({ id: 'fork', sequence: 1n })
        deepStrictEqual(kindsOf(await take(store, relay.origin, [fork], { role })), ['stored'])
        strictEqual((await store.status()).clashes, 1n)
        const { sequence, ids } = await store.knowledge(there.origin)
        deepStrictEqual([sequence, ids.toSorted()], [1n, ['fork', 'there-1']])
        deepStrictEqual(new Set(await store.heads('a')), new Set(['fork', 'there-1']))
      }
    },
  )

  check('one event under two headers stays as it is here, and is counted', async ({ open }) => {
    const store = await open()
    const there = writer()
    const event = there.write()
    await take(store, there.origin, [event])
    const twin = altered(event, { origin: writer('twin').origin, sequence: 9n })
    deepStrictEqual(kindsOf(await take(store, writer('twin').origin, [twin])), ['duplicate'])
    sameEvents(await changesOf(store), [event])
    strictEqual((await store.status()).clashes, 1n)
  })

  check('S4: an event of our own that we lack renews our origin', async ({ open }) => {
    const store = await open()
    const [own] = await append(store, note())
    const { origin, node } = await store.identity()
    const lost = eventOf({ ...own!, id: 'lost', sequence: 2n, parents: [own!.id] })
    deepStrictEqual(kindsOf(await take(store, writer().origin, [own!])), ['duplicate'])
    strictEqual((await store.identity()).origin, origin, 'a known one is no news')
    deepStrictEqual(kindsOf(await take(store, writer().origin, [lost])), ['stored'])
    const renewed = await store.identity()
    notStrictEqual(renewed.origin, origin)
    strictEqual(nodeOf(renewed.origin), node)
    const [next] = await append(store, note())
    deepStrictEqual([next!.origin, next!.sequence], [renewed.origin, 1n])
    deepStrictEqual(next!.parents, ['lost'])
    strictEqual((await store.status()).clashes, 0n)
  })

  check('an empty batch is fine and stores nothing', async ({ open }) => {
    const store = await open()
    deepStrictEqual(await take(store, writer().origin, []), [])
    strictEqual((await store.status()).position, 0n)
  })

  check('a batch of 2,000 events is taken in one commit', async ({ open }) => {
    const store = await open()
    const there = writer()
    const events: LogEvent[] = []
    for (let n = 0; n < 2_000; n++)
      events.push(there.write({ aggregateId: `a${n % 7}`, parents: events.slice(-7, -6) }))
    await take(store, there.origin, events, { cursor: cursorOf(1) })
    sameEvents(await changesOf(store), events)
    for (let n = 0; n < 7; n++) strictEqual((await store.heads(`a${n}`)).length, 1)
  })

  cursors(check)
}

function cursors(check: Check): void {
  check('L4: a batch and the cursor that covers it are kept together', async ({ open }) => {
    const store = await open()
    const there = writer()
    await take(store, there.origin, [there.write()], { cursor: cursorOf(1) })
    await take(store, there.origin, [there.write()], { role: 'pushed', cursor: cursorOf(7) })
    await take(store, there.origin, [], { cursor: cursorOf(2) })
    const { pulled, received, pushed } = await store.link(there.origin)
    deepStrictEqual([pulled, received, pushed], [cursorOf(2), cursorOf(7), start])
    strictEqual((await store.knowledge(there.origin)).received, cursorOf(7))
  })

  for (const role of roles) {
    const stands = role === 'pulled' ? 'pulled' : 'received'
    check(`S3: a ${role} batch that begins elsewhere is answered with reset`, async ({ open }) => {
      const store = await open()
      const there = writer()
      await take(store, there.origin, [there.write()], { role, cursor: cursorOf(3) })
      const before = await snapshotOf(store)
      for (const expects of [start, cursorOf(2), cursorOf(4)]) {
        const batch = { via: there.origin, role, changes: [there.write()], cursor: cursorOf(5) }
        deepStrictEqual(await store.apply({ ...batch, expects }), { kind: 'reset' })
      }
      deepStrictEqual(await snapshotOf(store), before)
      strictEqual((await store.link(there.origin))[stands], cursorOf(3))
    })

    check(`S3: a ${role} batch that is repeated is taken as the repeat it is`, async ({ open }) => {
      const store = await open()
      const there = writer()
      const batch = {
        via: there.origin,
        role,
        changes: [there.write(), there.write()],
        cursor: cursorOf(1),
        expects: start,
      }
      await store.apply(batch)
      const before = await snapshotOf(store)
      deepStrictEqual(await store.apply(batch), {
        kind: 'applied',
        receipts: [{ kind: 'duplicate' }, { kind: 'duplicate' }],
      })
      deepStrictEqual(await snapshotOf(store), before)
    })
  }

  check(
    'with parents missing a pulled cursor stays, and what could be stored is',
    async ({ open }) => {
      const store = await open()
      const there = writer()
      const [one, other] = [there.write(), there.write({ aggregateId: 'b' })]
      const two = there.write({ parents: [one] })
      const batch = { cursor: cursorOf(3), expects: start }
      deepStrictEqual(kindsOf(await take(store, there.origin, [other, two], batch)), [
        'stored',
        'missing',
      ])
      strictEqual((await store.link(there.origin)).pulled, start)
      await take(store, there.origin, [one])
      deepStrictEqual(kindsOf(await take(store, there.origin, [other, two], batch)), [
        'duplicate',
        'stored',
      ])
      strictEqual((await store.link(there.origin)).pulled, cursorOf(3))
    },
  )

  check('a rejected event does not hold a pulled cursor back', async ({ open }) => {
    const store = await open()
    const there = writer()
    await append(store, note('a', 'other', 'there-1'))
    const [receipt] = await take(store, there.origin, [there.write()], { cursor: cursorOf(1) })
    strictEqual(receipt!.kind, 'rejected')
    strictEqual((await store.link(there.origin)).pulled, cursorOf(1))
  })

  check('S4: a page asked for under a former origin is not taken in', async ({ open }) => {
    const store = await open()
    const there = writer()
    const { origin: as } = await store.identity()
    const batch = { via: there.origin, role: 'pulled', changes: [there.write()], as } as const
    strictEqual((await store.apply({ ...batch, cursor: cursorOf(1) })).kind, 'applied')
    await store.renewOrigin(as)
    const before = await snapshotOf(store)
    const late = { ...batch, changes: [there.write()], cursor: cursorOf(2) }
    deepStrictEqual(await store.apply(late), { kind: 'reset' })
    deepStrictEqual(await snapshotOf(store), before)
  })

  check('S4: who was left out what is not all here takes a new origin', async ({ open }) => {
    const store = await open()
    const there = writer()
    await append(store, note('b'))
    const { origin, end } = await store.identity()
    const batch = { via: there.origin, role: 'pulled', changes: [there.write()] } as const
    const leftOut = { received: end, pulled: end }
    strictEqual((await store.apply({ ...batch, leftOut })).kind, 'applied')
    strictEqual((await store.identity()).origin, origin)
    for (const [at, wrong] of [
      { ...leftOut, received: cursorOf(9) },
      { ...leftOut, pulled: cursorOf(9) },
    ].entries()) {
      const before = await store.identity()
      const late = { ...batch, changes: [there.write()], cursor: cursorOf(at), leftOut: wrong }
      deepStrictEqual(await store.apply(late), { kind: 'reset' })
      const after = await store.identity()
      notStrictEqual(after.origin, before.origin)
      strictEqual(after.end, before.end)
    }
    strictEqual((await store.link(there.origin)).pulled, start)
  })

  check('the id of an event decides, not who brings it', async ({ open }) => {
    const store = await open()
    const [own] = await append(store, note('a', {}, 'own' as EventId))
    for (const role of roles) {
      const receipts = await take(store, writer('x').origin, [own!], { role })
      deepStrictEqual(kindsOf(receipts), ['duplicate'])
    }
    deepStrictEqual(await idsIn(store), ['own'])
  })
}

/** A cursor of the peer's log: opaque here. */
function cursorOf(n: number): Cursor {
  return `AAAAAAAAAAAAAAAA.${n}.` as Cursor
}

const day = 24 * 60 * 60_000
