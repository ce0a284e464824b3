import { ok } from 'node:assert/strict'
import { stubOf, unlinkedEvent, writer } from '../../event-store/elsewhere.ts'
import { append, changesOf, note, sameEvents, take } from '../../event-store/reading.ts'
import type { EventCheck } from '../bench.ts'
import { changesIn, pagesOf } from '../calls.ts'

export function eventPulls(check: EventCheck): void {
  check(
    'S1: what is pulled arrives byte for byte, stubs and events without causality too',
    async ({ remote }) => {
      const { log, transport } = await remote()
      const there = writer()
      const one = there.write({ metadataText: '{"x":[1.0]}' })
      const brought = [one, there.write({ parents: [one] }), unlinkedEvent('compat')]
      await take(log, there.origin, [...brought, stubOf(there.write())])
      await append(log, note('b'))
      sameEvents(changesIn(await pagesOf(transport)), await changesOf(log))
    },
    'exact',
  )

  check(
    'every event comes after its parents',
    async ({ remote }) => {
      const { log, transport } = await remote()
      const [x, y] = [writer('x'), writer('y')]
      const one = x.write()
      const two = y.write({ parents: [one] })
      const stubbed = x.write({ aggregateId: 'b' })
      await take(log, x.origin, [one, stubOf(stubbed)])
      await take(log, y.origin, [two, y.write({ aggregateId: 'b', parents: [stubbed] })])
      // The filling moves the parent behind its child.
      await take(log, x.origin, [stubbed])
      const seen = new Set<string>()
      for (const event of changesIn(await pagesOf(transport))) {
        for (const parent of event.parents) ok(seen.has(parent), `${event.id} before ${parent}`)
        seen.add(event.id)
      }
      ok(seen.size >= 4)
    },
    'exact',
  )
}
