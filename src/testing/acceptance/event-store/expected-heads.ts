import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import type { EventId } from '../../../event/index.ts'
import type { Check } from './bench.ts'
import { writer } from './elsewhere.ts'
import { append, note, notes, refused, sameEvents, snapshotOf, take } from './reading.ts'

export function expectedHeads(check: Check): void {
  check('“none” stores into an aggregate without events only', async ({ open }) => {
    const store = await open()
    const answer = await store.append([note(), note()], { expected: 'none' })
    ok(answer.kind === 'appended')
    const heads = [answer.events[1]!.id]
    for (const expected of ['none', []] as const) {
      const before = await snapshotOf(store)
      const stale = { kind: 'stale', aggregateId: 'a', heads }
      deepStrictEqual(await store.append([note()], { expected }), stale)
      deepStrictEqual(await snapshotOf(store), before)
    }
  })

  check('expected heads must be all heads, in any order', async ({ open }) => {
    const store = await open()
    const there = writer()
    const other = writer('other')
    await take(store, there.origin, [there.write(), other.write()])
    const heads = await store.heads('a')
    const before = await snapshotOf(store)
    for (const expected of [[heads[0]!], [...heads, 'more' as EventId], [heads[0]!, heads[0]!]])
      deepStrictEqual(await store.append([note()], { expected }), {
        kind: 'stale',
        aggregateId: 'a',
        heads,
      })
    deepStrictEqual(await snapshotOf(store), before)
    const answer = await store.append([note()], { expected: heads.toReversed() })
    ok(answer.kind === 'appended')
    deepStrictEqual(answer.events[0]!.parents, heads)
  })

  check('heads of another aggregate do not matter', async ({ open }) => {
    const store = await open()
    const [a] = await append(store, note('a'))
    await append(store, note('b'))
    const answer = await store.append([note('a')], { expected: [a!.id] })
    strictEqual(answer.kind, 'appended')
  })

  check('expected heads over events of several aggregates are misuse', async ({ open }) => {
    const store = await open()
    for (const expected of ['none', []] as const)
      await refused(store.append([note('a'), note('b')], { expected }), 'invalid_argument')
    strictEqual((await store.append([note('a'), note('b')], { expected: 'any' })).kind, 'appended')
  })

  check('of concurrent appends on the same heads exactly one is stored', async ({ open }) => {
    const store = await open()
    const [first] = await append(store, note())
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => store.append(notes(2), { expected: [first!.id] })),
    )
    strictEqual(answers.filter((answer) => answer.kind === 'appended').length, 1)
    strictEqual((await store.status()).events, 3n)
    const heads = await store.heads('a')
    for (const answer of answers) if (answer.kind === 'stale') deepStrictEqual(answer.heads, heads)
  })

  check('a repeat is answered as appended, though the heads have moved on', async ({ open }) => {
    const store = await open()
    const batch = [note('a', 1, 'one'), note('a', 2, 'two')]
    const first = await store.append(batch, { expected: 'none' })
    await append(store, note('a'))
    const before = await snapshotOf(store)
    const again = await store.append(batch, { expected: 'none' })
    ok(first.kind === 'appended' && again.kind === 'appended')
    sameEvents(again.events, first.events)
    deepStrictEqual(await snapshotOf(store), before)
    const more = await store.append([...batch, note('a', 3, 'three')], { expected: 'none' })
    strictEqual(more.kind, 'stale')
    deepStrictEqual(await snapshotOf(store), before)
  })
}
