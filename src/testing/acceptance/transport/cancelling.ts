import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import type { Page } from '../../../contracts/index.ts'
import { failureOf } from '../event-store/reading.ts'
import type { TransportCheck } from './bench.ts'
import { asked, changesOf, everyCall, holdsJust, idsOf, pageOf, pushing } from './calls.ts'
import { type Moving, notes } from './kind.ts'

export function cancelling(check: TransportCheck): void {
  for (const { name, call, needs } of everyCall()) {
    check(
      `${name} with an aborted signal rejects with its reason and asks nobody`,
      async ({ remote, soon, writer }) => {
        const { log, transport } = await remote()
        const reason = new Error('enough')
        const failure = failureOf(call({ writer }, transport, AbortSignal.abort(reason)))
        strictEqual(await soon(name, failure), reason)
        deepStrictEqual(log.script.calls, [])
      },
      ...needs,
    )

    check(
      `${name} rejects with the reason of a signal that aborts while the answer is waited for`,
      async ({ remote, soon, writer }) => {
        const { log, transport } = await remote()
        const gate = log.script.hold(asked)
        const stop = new AbortController()
        const reason = new Error('enough')
        const failure = failureOf(call({ writer }, transport, stop.signal))
        failure.catch(() => {})
        try {
          await soon(`the way to the log of ${name}`, gate.reached)
          stop.abort(reason)
          strictEqual(await soon(name, failure), reason)
        } finally {
          gate.release()
        }
        log.script.reset()
        await call({ writer }, transport)
      },
      ...needs,
    )

    check(
      `${name} takes no notice of a signal that aborts after its answer`,
      async ({ remote, writer }) => {
        const { transport } = await remote()
        const stop = new AbortController()
        await call({ writer }, transport, stop.signal)
        stop.abort()
        await call({ writer }, transport)
      },
      ...needs,
    )
  }

  check(
    'S3: a push given up on its way is stored whole or not at all',
    async ({ remote, writer }) => {
      const there = writer()
      const events = Array.from({ length: 5 }, () => there.write())
      const batch = pushing(there.origin, events)
      for (let turns = 0; turns < 12; turns++) {
        const { log, transport } = await remote()
        const stop = new AbortController()
        const outcome = Promise.allSettled([transport.push(batch, stop.signal)])
        for (let turn = 0; turn < turns; turn++) await Promise.resolve()
        stop.abort()
        await outcome
        const { length } = idsOf(await changesOf(log))
        strictEqual(length === 0 || length === 5, true, `${length} of 5 are stored`)
        await transport.push(batch)
        await holdsJust(log, events)
      }
    },
  )

  check('one call given up disturbs no other', async ({ remote, append }) => {
    const { log, transport } = await remote()
    const events = await append(log, ...notes(20))
    const stop = new AbortController()
    const calls = Array.from({ length: 6 }, (_, at) =>
      at % 2 === 0 ? pageOf(transport) : transport.pull('' as never, everyPage, stop.signal),
    )
    stop.abort()
    const outcomes = await Promise.allSettled(calls)
    for (const [at, outcome] of outcomes.entries())
      if (at % 2 === 0) {
        strictEqual(outcome.status, 'fulfilled')
        const { value: page } = outcome as PromiseFulfilledResult<Page<Moving>>
        deepStrictEqual(idsOf(page.changes), idsOf(events))
      }
  })
}

const everyPage = { count: 1_000, bytes: 1_000_000 }
