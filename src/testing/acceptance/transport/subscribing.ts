import { deepStrictEqual, notStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { RejoinError } from '../../../errors/index.ts'
import { type Cursor, start } from '../../../version/index.ts'
import { failureOf, refused } from '../event-store/reading.ts'
import type { TransportBench, TransportCheck } from './bench.ts'
import { allThere, changesOf, idsOf, pushing, readings, refusedAs } from './calls.ts'
import type { TransportCapabilities } from './fixture.ts'
import { note, notes } from './kind.ts'
import { liveReader } from './live-reader.ts'

export function subscribing(check: TransportCheck): void {
  const live = (
    name: string,
    run: (bench: TransportBench) => Promise<void>,
    ...needs: readonly (keyof TransportCapabilities)[]
  ) => check(name, run, 'live', ...needs)

  live('the first page comes at once, also when there is nothing', async (bench) => {
    const { transport } = await bench.remote()
    const reader = liveReader(bench, transport)
    deepStrictEqual((await reader.page()).changes, [])
    reader.stop()
  })

  live('L3: what is there comes page by page, then what is committed', async (bench) => {
    const { append } = bench
    const { log, transport } = await bench.remote()
    const before = await append(log, ...notes(7))
    const reader = liveReader(bench, transport, { count: 3 })
    await reader.reads(before)
    for (const some of [1, 2, 5]) await reader.reads(await append(log, ...notes(some)))
    reader.stop()
  })

  live('L3: what is committed where catching up ends is not lost', async (bench) => {
    const { append } = bench
    const { log, transport } = await bench.remote()
    await append(log, ...notes(4))
    for (const count of [2, 4, 100]) {
      const reader = liveReader(bench, transport, { count })
      await reader.reads(await changesOf(log))
      // It has not asked for more, and may not know yet that this was the end.
      await reader.reads(await append(log, note(), note()))
      reader.stop()
    }
  })

  live('a page after the first has another cursor than the one before', async (bench) => {
    const { append } = bench
    const { log, transport } = await bench.remote()
    const reader = liveReader(bench, transport, { count: 2 })
    let last = (await reader.page()).cursor
    for (let turn = 0; turn < 5; turn++) {
      await append(log, ...notes(3))
      for (let seen = 0; seen < 3; ) {
        const { changes, cursor } = await reader.page()
        notStrictEqual(cursor, last, 'a page came twice')
        last = cursor
        seen += changes.length
      }
    }
    reader.stop()
  })

  live('L3: each event comes once and in order while several write', async (bench) => {
    const { append } = bench
    const { log, transport } = await bench.remote()
    await append(log, ...notes(20))
    const reader = liveReader(bench, transport, { count: 7 })
    const first = idsOf((await reader.page()).changes)
    const writers = ['u', 'v', 'w'].map(async (name) => {
      for (let turn = 0; turn < 10; turn++) await append(log, note(name), note(name))
    })
    const seen = [...first]
    while (seen.length < 80) seen.push(...idsOf((await reader.page()).changes))
    await Promise.all(writers)
    deepStrictEqual(seen, idsOf(await changesOf(log)))
    reader.stop()
  })

  live('what the reader itself has pushed is in it', async (bench) => {
    const { writer } = bench
    const { log, transport } = await bench.remote()
    const there = writer()
    await transport.hello({ origin: there.origin })
    const reader = liveReader(bench, transport)
    await reader.page()
    allThere(await transport.push(pushing(there.origin, [there.write(), there.write()])))
    await reader.reads(await changesOf(log))
    reader.stop()
  })

  live('goes on after the cursor of the last page', async (bench) => {
    const { append } = bench
    const { log, transport } = await bench.remote()
    const events = await append(log, ...notes(6))
    const first = liveReader(bench, transport, { count: 2 })
    await first.page()
    first.stop()
    const more = await append(log, ...notes(2))
    const second = liveReader(bench, transport, { after: first.cursor, count: 3 })
    await second.reads([...events.slice(2), ...more])
    second.stop()
  })

  live('S4: it ends after a reset', async (bench) => {
    const { transport } = await bench.remote()
    const after = 'AAAAAAAAAAAAAAAA.7.' as Cursor
    const reader = liveReader(bench, transport, { after })
    deepStrictEqual(await reader.next(), { kind: 'reset' })
    strictEqual(await reader.next(), undefined)
  })

  live('with an aborted signal it rejects with its reason and asks nobody', async (bench) => {
    const { log, transport } = await bench.remote()
    const reason = new Error('enough')
    const reader = liveReader(bench, transport)
    reader.stop(reason)
    strictEqual(await failureOf(reader.next()), reason)
    deepStrictEqual(log.script.calls, [])
  })

  live('it rejects with the reason of a signal that aborts while it waits', async (bench) => {
    const { append } = bench
    const { log, transport } = await bench.remote()
    const reader = liveReader(bench, transport)
    await reader.page()
    const reason = new Error('enough')
    const failure = failureOf(reader.next())
    failure.catch(() => {})
    reader.stop(reason)
    strictEqual(await failure, reason)
    // The others are as they were.
    const other = liveReader(bench, transport)
    await other.reads(await append(log, note()))
    other.stop()
  })

  live('it ends with closed when its transport closes', async (bench) => {
    const { append } = bench
    const { log, transport } = await bench.remote()
    const other = liveReader(bench, await bench.connect(log))
    await other.page()
    const reader = liveReader(bench, transport)
    await reader.page()
    const failure = refused(reader.next(), 'closed')
    failure.catch(() => {})
    await bench.soon('close', transport.close())
    await failure
    await bench.soon('a late one', refused(liveReader(bench, transport).next(), 'closed'))
    await other.reads(await append(log, note()))
    other.stop()
  })

  live('S2: trouble of the other end rejects as worth repeating', async (bench) => {
    const { append } = bench
    const { log, transport } = await bench.remote()
    const where = { operation: 'changes', component: 'test' }
    log.script.fail(readings, new RejoinError('storage_busy', 'busy', where))
    await refusedAs(liveReader(bench, transport).next(), true)
    log.script.reset()
    const reader = liveReader(bench, transport)
    await reader.reads(await append(log, note()))
    reader.stop()
  })

  live('S5: one who does not read holds up nobody, and misses nothing', async (bench) => {
    const { append } = bench
    const { log, transport } = await bench.remote()
    const want = { bytes: 200_000 }
    const [slow, quick] = [liveReader(bench, transport, want), liveReader(bench, transport, want)]
    await Promise.all([slow.page(), quick.page()])
    const all = []
    // More than anything on the way could hold.
    for (let turn = 0; turn < 40; turn++) {
      const events = await append(log, ...Array.from({ length: 4 }, () => note('a', large)))
      await quick.reads(events)
      all.push(...events)
    }
    await slow.reads(all)
    const last = await append(log, note())
    await Promise.all([slow.reads(last), quick.reads(last)])
    slow.stop()
    quick.stop()
  })

  live('many read at once', async (bench) => {
    const { append } = bench
    const { log, transport } = await bench.remote()
    const before = await append(log, ...notes(5))
    const readers = Array.from({ length: 20 }, (_, at) =>
      liveReader(bench, transport, { count: 1 + (at % 4) }),
    )
    await Promise.all(readers.map((reader) => reader.reads(before)))
    const after = await append(log, ...notes(5))
    await Promise.all(readers.map((reader) => reader.reads(after)))
    for (const reader of readers) reader.stop()
  })

  live(
    'a filter leaves out other aggregates, and the cursor moves past them',
    async (bench) => {
      const { append } = bench
      const { log, transport } = await bench.remote()
      const filter = bench.filterFor('mine')
      const reader = liveReader(bench, transport, { filter })
      const first = await reader.page()
      await append(log, ...notes(3, 'other'))
      const mine = await append(log, note('mine'))
      await reader.reads(mine)
      notStrictEqual(reader.cursor, first.cursor)
      ok(reader.cursor !== start)
      reader.stop()
    },
    'filters',
  )
}

const large = 'x'.repeat(100_000)
