import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { start } from '../../../version/index.ts'
import type { Check } from './bench.ts'
import { writer } from './elsewhere.ts'
import { append, note, notes, pageAfter, take } from './reading.ts'

export function watching(check: Check): void {
  check('a watch wakes after an append and after a batch from a peer', async ({ open }) => {
    const store = await open()
    const watch = watchOf(store)
    const there = writer()
    for (const commit of [
      () => append(store, note()),
      () => take(store, there.origin, [there.write()]),
    ]) {
      const woken = watch.next()
      await commit()
      deepStrictEqual(await woken, { value: undefined, done: false })
    }
    await watch.end()
  })

  check(
    'a watch wakes when a link starts over, and when the origin is another one',
    async ({ open }) => {
      const store = await open()
      const { origin } = await store.identity()
      const peer = writer().origin
      const watch = watchOf(store)
      for (const commit of [() => store.resetLink(peer), () => store.renewOrigin(origin)]) {
        const woken = watch.next()
        await commit()
        deepStrictEqual(await woken, { value: undefined, done: false })
      }
      await watch.end()
    },
  )

  check('a commit between two looks is not lost', async ({ open }) => {
    const store = await open()
    const watch = watchOf(store)
    await append(store, note())
    strictEqual((await watch.next()).done, false)
    await append(store, note())
    strictEqual((await watch.next()).done, false)
    await watch.end()
  })

  check('many commits may come as one, and a woken reader finds them all', async ({ open }) => {
    const store = await open()
    const watch = watchOf(store)
    let cursor = start
    let seen = 0
    let wakes = 0
    const writing = Promise.all(Array.from({ length: 50 }, () => append(store, ...notes(2))))
    while (seen < 100) {
      await watch.next()
      wakes++
      const page = await pageAfter(store, cursor)
      seen += page.changes.length
      cursor = page.cursor
    }
    await writing
    strictEqual(seen, 100)
    strictEqual(wakes <= 51, true)
    await watch.end()
  })

  check('each of several watches wakes', async ({ open }) => {
    const store = await open()
    const watches = [watchOf(store), watchOf(store), watchOf(store)]
    const woken = watches.map((watch) => watch.next())
    await append(store, note())
    deepStrictEqual(
      (await Promise.all(woken)).map((one) => one.done),
      [false, false, false],
    )
    await Promise.all(watches.map((watch) => watch.end()))
  })

  check('a watch ends when its signal aborts, also while it waits', async ({ open }) => {
    const store = await open()
    const watch = watchOf(store)
    const waiting = watch.next()
    watch.abort()
    strictEqual((await waiting).done, true)
    strictEqual((await watch.next()).done, true)
    const never = store.watch(AbortSignal.abort())[Symbol.asyncIterator]()
    strictEqual((await never.next()).done, true)
  })

  check('a watch ends when the store closes', async ({ open }) => {
    const store = await open()
    const watch = watchOf(store)
    const waiting = watch.next()
    await store.close()
    strictEqual((await waiting).done, true)
    strictEqual((await watch.next()).done, true)
  })

  check('a reader that leaves its loop leaves the watch', async ({ open }) => {
    const store = await open()
    const commit = append(store, note())
    for await (const _ of store.watch(new AbortController().signal)) break
    await commit
  })
}

function watchOf(store: { watch(signal: AbortSignal): AsyncIterable<void> }) {
  const controller = new AbortController()
  const iterator = store.watch(controller.signal)[Symbol.asyncIterator]()
  return {
    next: () => iterator.next(),
    abort: () => controller.abort(),
    async end() {
      controller.abort()
      await iterator.return?.()
    },
  }
}
