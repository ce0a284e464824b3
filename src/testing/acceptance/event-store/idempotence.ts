import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import type { NewEvent } from '../../../event/index.ts'
import type { Check } from './bench.ts'
import { writer } from './elsewhere.ts'
import { append, idsIn, note, refused, sameEvents, snapshotOf, take } from './reading.ts'

export function idempotence(check: Check): void {
  check(
    'L2: a repeated append stores nothing and comes back as it stands',
    async ({ open, runtime }) => {
      const store = await open()
      const batch = [note('a', { n: 1 }, 'one'), note('a', { n: 2 }, 'two')]
      const first = await append(store, ...batch)
      await append(store, note('a'))
      const before = await snapshotOf(store)
      runtime.wall += 1_000
      sameEvents(await append(store, ...batch), first)
      deepStrictEqual(await snapshotOf(store), before)
    },
  )

  check('L2: the same JSON in other words is the same content', async ({ open }) => {
    const store = await open()
    const about = { id: 'one', type: 'noted', aggregateId: 'a' }
    const [first] = await append(store, {
      ...about,
      dataText: '{"a":1,"b":[true,null]}',
      metadata: { x: 1, y: 2 },
    })
    const [again] = await append(store, {
      ...about,
      dataText: '{ "b": [ true, null ],\n "a": 1 }',
      metadata: { y: 2, x: 1 },
    })
    sameEvents([again!], [first!])
    strictEqual(again!.dataText, '{"a":1,"b":[true,null]}')
  })

  const original = { id: 'one', type: 'noted', aggregateId: 'a', data: { n: 1 } }
  const others: readonly (readonly [string, NewEvent])[] = [
    ['data', { ...original, data: { n: 2 } }],
    ['type', { ...original, type: 'other' }],
    ['aggregate', { ...original, aggregateId: 'b' }],
    ['metadata', { ...original, metadata: { by: 'me' } }],
    ['schema version', { ...original, schemaVersion: 2 }],
  ]
  for (const [what, other] of others)
    check(`L2: a known id with other ${what} is refused and nothing changes`, async ({ open }) => {
      const store = await open()
      await append(store, original)
      const before = await snapshotOf(store)
      const error = await refused(store.append([note('a', 1, 'new'), other]), 'id_conflict')
      strictEqual(error.details.id, 'one')
      deepStrictEqual(await snapshotOf(store), before)
    })

  check('L2: an id that came over a link is as known as one appended here', async ({ open }) => {
    const store = await open()
    const there = writer()
    const event = there.write({ id: 'one' })
    await take(store, there.origin, [event])
    await refused(store.append([note('a', 'other', 'one')]), 'id_conflict')
    sameEvents(
      await append(store, { id: 'one', type: 'noted', aggregateId: 'a', dataText: '{"n":1}' }),
      [event],
    )
    deepStrictEqual(await idsIn(store), ['one'])
  })

  check('an id given twice in one append is refused', async ({ open }) => {
    const store = await open()
    const before = await snapshotOf(store)
    await refused(store.append([note('a', 1, 'one'), note('a', 1, 'one')]), 'invalid_argument')
    deepStrictEqual(await snapshotOf(store), before)
  })

  check('a repeat completes what an earlier append left out', async ({ open }) => {
    const store = await open()
    const [first] = await append(store, note('a', 1, 'one'))
    const events = await append(
      store,
      note('a', 0, 'zero'),
      note('a', 1, 'one'),
      note('a', 2, 'two'),
    )
    sameEvents([events[1]!], [first!])
    deepStrictEqual(
      events.map((event) => event.parents),
      [['one'], [], ['zero']],
    )
    deepStrictEqual(await idsIn(store), ['one', 'zero', 'two'])
    deepStrictEqual(
      events.map((event) => event.sequence),
      [2n, 1n, 3n],
    )
  })

  check('of concurrent appends under one id, one is stored and all agree', async ({ open }) => {
    const store = await open()
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => append(store, note('a', { n: 1 }, 'one'))),
    )
    for (const events of answers) sameEvents(events, answers[0]!)
    deepStrictEqual(await idsIn(store), ['one'])
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => append(store, note('a', { n }, 'two'))),
    )
    strictEqual(outcomes.filter((one) => one.status === 'fulfilled').length, 1)
    ok(outcomes.every((one) => one.status === 'fulfilled' || one.reason.code === 'id_conflict'))
  })
}
