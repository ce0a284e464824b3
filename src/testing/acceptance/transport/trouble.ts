import { strictEqual } from 'node:assert/strict'
import { RejoinError } from '../../../errors/index.ts'
import type { TransportCheck } from './bench.ts'
import {
  allThere,
  asked,
  everyCall,
  holdsJust,
  pageOf,
  pushing,
  readings,
  refusedAs,
  takings,
} from './calls.ts'
import { notes } from './kind.ts'

export function trouble(check: TransportCheck): void {
  for (const { name, call, needs } of everyCall()) {
    check(
      `S2: ${name} while the other end is in passing trouble rejects as worth repeating, and then works`,
      async ({ remote, writer }) => {
        const { log, transport } = await remote()
        log.script.fail(asked, busy)
        await refusedAs(call({ writer }, transport), true)
        log.script.reset()
        await call({ writer }, transport)
      },
      ...needs,
    )

    check(
      `S2: ${name} rejects as worth repeating while the other end is not there`,
      async ({ unreachable, writer }) =>
        void (await refusedAs(call({ writer }, await unreachable()), true)),
      'network',
      ...needs,
    )
  }

  check(
    'S3: a push whose answer was lost is completed by the next one',
    async ({ remote, writer }) => {
      const { log, transport } = await remote()
      const there = writer()
      const events = [there.write(), there.write({ group: 'b' })]
      log.script.fail(takings, busy, { nth: 1, after: true })
      await refusedAs(transport.push(pushing(there.origin, events)), true)
      allThere(await transport.push(pushing(there.origin, events)))
      await holdsJust(log, events)
    },
  )

  check('S3: a page whose answer was lost comes again', async ({ remote, append }) => {
    const { log, transport } = await remote()
    await append(log, ...notes(4))
    log.script.fail(readings, busy, { nth: 1, after: true })
    await refusedAs(pageOf(transport), true)
    strictEqual((await pageOf(transport)).changes.length, 4)
  })
}

const busy = new RejoinError('storage_busy', 'somebody else is writing', {
  operation: 'test',
  component: 'testing/acceptance',
})
