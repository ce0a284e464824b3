import { deepStrictEqual } from 'node:assert/strict'
import { start } from '../../../../version/index.ts'
import { writer } from '../../event-store/elsewhere.ts'
import type { EventCheck } from '../bench.ts'
import { cursorAfter, pushing } from '../calls.ts'

export function eventGreeting(check: EventCheck): void {
  check(
    'S4: hello tells a peer what is known of it: its last cursor, its highest sequence and the id there',
    async ({ remote }) => {
      const { transport } = await remote()
      const there = writer()
      const { origin } = there
      const unknown = { received: start, pulled: start, sequence: 0n, ids: [] }
      deepStrictEqual((await transport.hello({ origin })).you, unknown)
      await transport.push(pushing(origin, [there.write(), there.write()]))
      deepStrictEqual((await transport.hello({ origin })).you, {
        received: cursorAfter(2),
        pulled: start,
        sequence: 2n,
        ids: ['there-2'],
      })
    },
    'keepsRecords',
  )
}
