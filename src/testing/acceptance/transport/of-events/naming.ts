import { deepStrictEqual } from 'node:assert/strict'
import type { EventId } from '../../../../event/index.ts'
import { start } from '../../../../version/index.ts'
import { writer } from '../../event-store/elsewhere.ts'
import { append, idsOf, note } from '../../event-store/reading.ts'
import type { EventCheck } from '../bench.ts'
import { changesIn, pageOf, pagesOf, pushing } from '../calls.ts'

export function eventNames(check: EventCheck): void {
  check('names of any characters arrive as they are', async ({ remote }) => {
    const { log, transport } = await remote()
    const there = writer()
    const names = [
      'geändert 🙂',
      'users/42?a=b&c#d%20',
      ' ',
      '"\\\u2028',
      '__proto__',
      'x'.repeat(255),
    ]
    const events = names.map((name) => there.write({ id: name, type: name, aggregateId: name }))
    await transport.push(pushing(there.origin, events))
    const named = (list: typeof events) =>
      list.map(({ id, type, aggregateId }) => [id, type, aggregateId])
    deepStrictEqual(named([...(await log.fetch(events.map(({ id }) => id)))]), named(events))
    deepStrictEqual(named([...changesIn(await pagesOf(transport))]), named(events))
  })

  check(
    'ids of any characters are found',
    async ({ remote }) => {
      const { log, transport } = await remote()
      const ids = ['Ümläut 🙂', ' ', '%2F?a=b&c#d', '"\\\u2028', '17'] as EventId[]
      await append(log, ...ids.map((id) => note('a', {}, id)))
      const { changes } = await pageOf(transport, start, { ids })
      deepStrictEqual(idsOf(changes).toSorted(), ids.toSorted())
    },
    'ids',
  )
}
