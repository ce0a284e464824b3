import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import type { EventStore } from '../../../contracts/index.ts'
import { type EventId, erasedOf, filterOf, withoutCausality } from '../../../event/index.ts'
import { systemRuntime } from '../../../runtime/index.ts'
import { start } from '../../../version/index.ts'
import type { Check } from './bench.ts'
import { stubOf, writer } from './elsewhere.ts'
import {
  append,
  changesOf,
  entriesOf,
  kindsOf,
  note,
  notes,
  pageAfter,
  refusalIn,
  sameEvents,
  snapshotOf,
  take,
} from './reading.ts'

export function erasing(check: Check): void {
  check('an erased event is a stub with its header alone, at a new position', async ({ open }) => {
    const store = await open()
    const [one, two] = await append(store, note('a', { secret: 1 }, 'one'), note('a', {}, 'two'))
    const { cursor } = await pageAfter(store, start)
    deepStrictEqual(await store.erase([one!.id, 'nobody' as EventId]), {
      erased: 1,
      unknown: ['nobody'],
    })
    const { events, erased, position } = await store.status()
    deepStrictEqual([events, erased, position], [2n, 1n, 3n])
    sameEvents((await pageAfter(store, cursor)).changes, [erasedOf(one!)])
    // Closed: the parent comes first, although it has moved behind its child.
    sameEvents(await changesOf(store), [erasedOf(one!), two!])
    sameEvents(await store.fetch([one!.id]), [erasedOf(one!)])
    deepStrictEqual(await store.heads('a'), [two!.id])
    const [stub] = await store.fetch([one!.id])
    const { type, hash, metadataText, dataText, parents } = stub!
    deepStrictEqual([type, hash, metadataText, dataText, parents], ['', '', '', '', one!.parents])
  })

  check('a repeated erasure changes nothing', async ({ open }) => {
    const store = await open()
    const [one] = await append(store, note('a'), note('b'))
    await store.erase([one!.id])
    const before = await snapshotOf(store)
    deepStrictEqual(await store.erase([one!.id, one!.id]), { erased: 0, unknown: [] })
    deepStrictEqual(await store.erase([]), { erased: 0, unknown: [] })
    deepStrictEqual(await snapshotOf(store), before)
  })

  check('an aggregate is erased as a whole, however long, and no other', async ({ open }) => {
    const store = await open()
    await append(store, ...notes(1_203, 'a'))
    await append(store, ...notes(3, 'b'))
    const heads = await store.heads('a')
    deepStrictEqual(await store.erase({ aggregateId: 'a' }), { erased: 1_203, unknown: [] })
    deepStrictEqual(await store.erase({ aggregateId: 'never' }), { erased: 0, unknown: [] })
    const kinds = (await entriesOf(store)).map(({ event }) => `${event.aggregateId} ${event.stub}`)
    deepStrictEqual(kinds.slice(0, 4), ['b null', 'b null', 'b null', 'a erased'])
    strictEqual((await store.status()).erased, 1_203n)
    deepStrictEqual(await store.heads('a'), heads)
    const [next] = await append(store, note('a', 'later'))
    deepStrictEqual(next!.parents, heads)
    strictEqual(next!.stub, null)
  })

  check('the id of an erased event stays a duplicate for ever', async ({ open }) => {
    const store = await open()
    const there = writer()
    const [one] = await append(store, note('a', { secret: 1 }, 'one'))
    await store.erase([one!.id])
    const before = await snapshotOf(store)
    for (const again of [one!, stubOf(one!), erasedOf(one!), withoutCausality(one!)])
      deepStrictEqual(kindsOf(await take(store, there.origin, [again])), ['duplicate'])
    sameEvents(await append(store, note('a', { secret: 1 }, 'one')), [erasedOf(one!)])
    sameEvents(await append(store, note('a', 'other', 'one')), [erasedOf(one!)])
    const { status: _, ...after } = (await snapshotOf(store)) as { status: unknown }
    const { status: __, ...expected } = before as { status: unknown }
    deepStrictEqual({ ...after, links: [] }, { ...expected, links: [] })
  })

  check('S1: all come to the same, whatever comes in whatever order', async ({ open }) => {
    const there = writer()
    const one = there.write({ metadataText: '{"by":"ann","tenant":"t"}' })
    const two = there.write({ parents: [one] })
    const forms = [one, stubOf(one), erasedOf(one), erasedOf(stubOf(one))]
    for (const order of permutations(forms)) {
      const store = await open()
      for (const form of order) await take(store, there.origin, [form])
      await take(store, there.origin, [two])
      sameEvents(await changesOf(store), [erasedOf(one), two])
      strictEqual((await store.status()).erased, 1n)
      deepStrictEqual(await store.heads('a'), [two.id])
    }
  })

  check('S1: so do those who met it without its header', async ({ open }) => {
    const there = writer()
    const one = there.write()
    const two = there.write({ parents: [one] })
    const adopting = { orphans: 'adopt' } as const
    const bare = withoutCausality(two)
    const steps: readonly ((store: EventStore) => Promise<unknown>)[] = [
      (store) => take(store, there.origin, [two], adopting),
      (store) => take(store, there.origin, [bare], adopting),
      (store) => store.erase([two.id]),
      (store) => take(store, there.origin, [one]),
    ]
    for (const order of permutations(steps)) {
      const store = await open()
      for (const step of order) await step(store)
      // Where it was erased before it was known, nothing remembers that.
      await store.erase([two.id])
      await take(store, there.origin, [two], adopting)
      const found = await store.fetch([two.id])
      sameEvents(found, [erasedOf(two)])
      deepStrictEqual(await store.heads('a'), [two.id])
    }
  })

  check('an erasure goes to everyone, also to whom it came from', async ({ open }) => {
    const store = await open()
    const [there, hub, other] = [writer(), writer('hub'), writer('other')]
    const one = there.write()
    await take(store, hub.origin, [one])
    deepStrictEqual(kindsOf(await take(store, other.origin, [erasedOf(one)])), ['filled'])
    const two = other.write()
    await take(store, other.origin, [erasedOf(two)])
    for (const { origin } of [hub, other])
      sameEvents(await changesOf(store, { notVia: origin }), [erasedOf(one), erasedOf(two)])
    const [own] = await append(store, note('b'))
    await store.erase([own!.id])
    for (const { origin } of [hub, other])
      ok((await changesOf(store, { notVia: origin })).some(({ id }) => id === own!.id))
  })

  check('an erasure of what is not known yet waits for its parents', async ({ open }) => {
    const store = await open()
    const there = writer()
    const one = there.write()
    const two = there.write({ parents: [one] })
    const missing = [{ kind: 'missing', parents: [one.id] }]
    deepStrictEqual(await take(store, there.origin, [erasedOf(two)]), missing)
    await take(store, there.origin, [erasedOf(one), erasedOf(two)])
    deepStrictEqual(kindsOf(await take(store, there.origin, [one, two])), [
      'duplicate',
      'duplicate',
    ])
    sameEvents(await changesOf(store), [erasedOf(one), erasedOf(two)])
  })

  check('filters show erasures as they are, also to the tenant alone', async ({ open }) => {
    const store = await open()
    const of = (tenant: string, id: string) => ({ ...note(id, {}, id), metadata: { tenant } })
    const [one] = await append(store, of('x', 'one'), of('y', 'two'))
    await store.erase([one!.id])
    const where = { operation: 'test', component: 'testing' }
    const shown = (given: object) =>
      changesOf(store, { filter: filterOf(given as never, systemRuntime, where) })
    sameEvents(await shown({ tenant: 'x' }), [erasedOf(one!)])
    strictEqual((await shown({ tenant: 'y' })).length, 1)
    sameEvents(
      (await shown({ types: ['nothing'] })).filter((event) => event.stub === 'erased'),
      [erasedOf(one!)],
    )
  })

  check('an id of another aggregate is not erased', async ({ open }) => {
    const store = await open()
    const [there, other] = [writer(), writer('other')]
    const one = there.write()
    await take(store, there.origin, [one])
    const clash = other.write({ id: one.id, aggregateId: 'b' })
    const [receipt] = await take(store, other.origin, [erasedOf(clash)])
    strictEqual(refusalIn(receipt)[0], 'id_conflict')
    sameEvents(await changesOf(store), [one])
  })

  for (const [after, way] of [
    ['a close', 'reopen'],
    ['a crash', 'crash'],
  ] as const)
    check(
      `L1: what was erased is erased (after ${after})`,
      async (bench) => {
        const store = await bench.open()
        const [one, two] = await append(store, note('a', 1), note('a', 2))
        await store.erase([one!.id])
        const before = await snapshotOf(store)
        const found = await bench[way](store)
        deepStrictEqual(await snapshotOf(found), before)
        sameEvents(await changesOf(found), [erasedOf(one!), two!])
        deepStrictEqual(await found.heads('a'), [two!.id])
      },
      'durable',
    )
}

function permutations<T>(all: readonly T[]): readonly (readonly T[])[] {
  if (all.length === 0) return [[]]
  return all.flatMap((one, at) => permutations(all.toSpliced(at, 1)).map((rest) => [one, ...rest]))
}
