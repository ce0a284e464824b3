import { strictEqual } from 'node:assert/strict'
import { payloadTexts } from '../event-store/content.ts'
import type { TransportCheck } from './bench.ts'
import { changesIn, pageOf, pagesOf, pushing, receiptsIn } from './calls.ts'

export function payloads(check: TransportCheck): void {
  for (const [what, dataText] of payloadTexts) {
    // Not every language reads it, so not every protocol takes it.
    const needs = what.includes('too large') ? (['exact'] as const) : []
    check(
      `data that is ${what} is pulled character for character`,
      async ({ remote, append }) => {
        const { log, transport } = await remote()
        await append(log, { dataText })
        strictEqual((await pageOf(transport)).changes[0]?.dataText, dataText)
      },
      ...needs,
    )

    check(`data that is ${what} is pushed character for character`, async ({ remote, writer }) => {
      const { log, transport } = await remote()
      const there = writer()
      const event = there.write({ dataText })
      await transport.push(pushing(there.origin, [event]))
      strictEqual((await log.fetch([event.id]))[0]?.dataText, dataText)
    })
  }

  check('an event of 1 MiB travels both ways', async ({ remote, writer }) => {
    const { log, transport } = await remote()
    const there = writer()
    const event = there.write({ dataText: `"${'ä'.repeat(500 * 1024)}"` })
    const [receipt] = receiptsIn(await transport.push(pushing(there.origin, [event])))
    strictEqual(receipt?.kind, 'stored')
    strictEqual((await log.fetch([event.id]))[0]?.dataText, event.dataText)
    const { changes } = await pageOf(transport, undefined, { bytes: 1 })
    strictEqual(changes[0]?.dataText, event.dataText)
  })

  check(
    'a push and a page of some megabytes arrive whole',
    async ({ remote, writer, same }) => {
      const { log, transport } = await remote()
      const there = writer()
      const dataText = JSON.stringify('∑'.repeat(10_000))
      const events = Array.from({ length: 100 }, () => there.write({ dataText }))
      await transport.push(pushing(there.origin, events))
      same(await log.fetch(events.map(({ id }) => id)), events)
      same(changesIn(await pagesOf(transport)), events)
    },
    'exact',
  )
}
