import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import type { ProjectionSink } from '../../../contracts/index.ts'
import { contentOf, name, put, puts, type SinkCheck, space } from './bench.ts'

/** What outlives a process, is shared by several, and is called off. */
export function keeping(check: SinkCheck): void {
  for (const way of ['reopen', 'crash'] as const)
    check(
      `L1: each commit is there, whole, after a ${way}`,
      async (bench) => {
        let sink = await bench.open()
        const model = new Map<string, string>()
        for (let round = 1; round <= 4; round++) {
          const values = {
            [`k${round}`]: `${round}`,
            last: `${round}`,
            odd: round % 2 ? 'x' : null,
          }
          for (const [key, value] of Object.entries(values))
            if (value === null) model.delete(key)
            else model.set(key, value)
          await put(sink, values)
          // Nothing is asked in between: what is acknowledged is there.
          sink = await bench[way](sink)
          const entries = [...model].map(([key, value]) => ({ key, value }))
          deepStrictEqual(await contentOf(sink), {
            head: `${round}`,
            entries: entries.sort((one, other) => (one.key < other.key ? -1 : 1)),
          })
        }
      },
      'durable',
    )

  check(
    'L4: two who share it see what the other committed, and only one is taken',
    async ({ open, join }) => {
      const one = await open()
      const other = await join(one)
      await put(one, { a: '1' })
      deepStrictEqual(await contentOf(other), await contentOf(one))
      await put(other, { a: '2', b: '2' })
      deepStrictEqual(await contentOf(one), await contentOf(other))
      for (let round = 0; round < 10; round++) {
        const expects = await one.head(name)
        const taken = await Promise.all(
          [one, other, one, other].map((sink, at) =>
            sink.commit({ name, expects, head: `${round} ${at}`, writes: puts({ a: `${at}` }) }),
          ),
        )
        strictEqual(taken.filter(Boolean).length, 1)
        const winner = taken.indexOf(true)
        for (const sink of [one, other]) {
          strictEqual(await sink.head(name), `${round} ${winner}`)
          deepStrictEqual([...(await sink.get(name, space, ['a']))], [`${winner}`])
        }
      }
    },
    'multiProcess',
  )

  for (const [call, run] of Object.entries(calls))
    check(
      `${call} with an aborted signal rejects with its reason and changes nothing`,
      async ({ open }) => {
        const sink = await open()
        await put(sink, { a: '1' })
        const before = await contentOf(sink)
        const reason = new Error('enough')
        const outcome = await run(sink, AbortSignal.abort(reason)).then(
          () => 'resolved',
          (error: unknown) => error,
        )
        strictEqual(outcome, reason)
        deepStrictEqual(await contentOf(sink), before)
        await run(sink, new AbortController().signal)
      },
    )
}

const calls: Readonly<
  Record<string, (sink: ProjectionSink, signal: AbortSignal) => Promise<unknown>>
> = {
  head: (sink, signal) => sink.head(name, signal),
  get: (sink, signal) => sink.get(name, space, ['a'], signal),
  list: (sink, signal) => sink.list(name, space, { limit: 1 }, signal),
  commit: (sink, signal) =>
    sink.commit({ name, expects: '1', head: '2', writes: puts({ a: '2' }) }, signal),
}
