import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { start } from '../../../version/index.ts'
import type { Check } from './bench.ts'
import { writer } from './elsewhere.ts'
import { append, changesOf, entriesOf, idsOf, note, notes, pageAfter, take } from './reading.ts'

export function sharing(check: Check): void {
  const checkShared: Check = (name, run) => check(name, run, 'multiProcess')

  checkShared('two openings of one place are one node with one origin', async ({ open, join }) => {
    const one = await open()
    const two = await join(one)
    deepStrictEqual(await two.identity(), await one.identity())
    const events = [...(await append(one, ...notes(2))), ...(await append(two, note()))]
    for (const each of [one, two]) deepStrictEqual(idsOf(await changesOf(each)), idsOf(events))
    await one.renewOrigin((await two.identity()).origin)
    deepStrictEqual(await two.identity(), await one.identity())
  })

  checkShared('each opening sees the other’s commits at once', async ({ open, join }) => {
    const one = await open()
    const two = await join(one)
    const [first] = await append(one, note('a', 1, 'one'))
    const [second] = await append(two, note('a', 2))
    deepStrictEqual(second!.parents, [first!.id])
    const [third] = await append(one, note('a', 3))
    deepStrictEqual([third!.parents, third!.sequence], [[second!.id], 3n])
    deepStrictEqual(await two.heads('a'), [third!.id])
    const stale = await two.append([note('a')], { expected: [second!.id] })
    strictEqual(stale.kind, 'stale')
    deepStrictEqual(await append(two, note('a', 1, 'one')), [first])
  })

  checkShared(
    'L3: concurrent appends through both are dense, unique and in order',
    async (bench) => {
      const one = await bench.open()
      const two = await bench.join(one)
      await Promise.all(
        Array.from({ length: 40 }, (_, n) =>
          append(n % 2 === 0 ? one : two, ...notes(1 + (n % 3), `a${n % 5}`)),
        ),
      )
      const entries = await entriesOf(one)
      deepStrictEqual(await entriesOf(two), entries)
      const events = entries.map((entry) => entry.event)
      deepStrictEqual(
        events.map((event) => event.sequence),
        events.map((_, at) => BigInt(at + 1)),
      )
      strictEqual(new Set(events.map((event) => event.stamp)).size, events.length)
      for (let n = 0; n < 5; n++) strictEqual((await one.heads(`a${n}`)).length, 1)
    },
  )

  checkShared('cursors of one opening are good for the other', async ({ open, join }) => {
    const one = await open()
    const two = await join(one)
    await append(one, note())
    await append(two, note())
    await append(one, note())
    const { cursor } = await pageAfter(one, start, { count: 1 })
    const next = await pageAfter(two, cursor, { count: 1 })
    strictEqual((await pageAfter(one, next.cursor)).changes.length, 1)
    strictEqual((await two.identity()).end, (await one.identity()).end)
  })

  checkShared('a link’s checkpoints are shared', async ({ open, join }) => {
    const one = await open()
    const two = await join(one)
    const there = writer()
    await take(one, there.origin, [there.write()])
    deepStrictEqual(await two.link(there.origin), await one.link(there.origin))
    strictEqual((await changesOf(two, { notVia: there.origin })).length, 0)
    await two.resetLink(there.origin)
    strictEqual((await changesOf(one, { notVia: there.origin })).length, 1)
  })

  checkShared('a watch wakes for the other opening’s commits', async ({ open, join }) => {
    const one = await open()
    const two = await join(one)
    const controller = new AbortController()
    const watch = one.watch(controller.signal)[Symbol.asyncIterator]()
    const woken = watch.next()
    await append(two, note())
    strictEqual((await woken).done, false)
    controller.abort()
    await watch.return?.()
  })

  checkShared('closing one opening leaves the other open', async ({ open, join }) => {
    const one = await open()
    const two = await join(one)
    await append(one, note())
    await one.close()
    strictEqual((await append(two, note()))[0]!.sequence, 2n)
  })
}
