import { expect, it } from 'vitest'
import { arrayJournal } from '../../../test/acceptance/array-journal.ts'
import type { EventId, Origin } from '../../event/index.ts'
import { MemoryStore } from './index.ts'

const there = 'there~0123456789abcdef' as Origin

it('a journal forgets what was erased, and opens to the same log', async () => {
  const records: string[] = []
  const store = await MemoryStore.open({ journal: arrayJournal(records) })
  const other = await MemoryStore.open({ node: 'other' })
  await other.append([note('parent'), note('adopted')])
  const { entries } = await other.entries({})
  await store.append([note('one'), note('two')])
  const changes = entries.slice(1).map(({ event }) => event)
  await store.apply({ via: there, role: 'pulled', changes, orphans: 'adopt' })
  expect(records.join()).toContain('secret of one')
  await store.erase(['one', 'adopted'] as EventId[])
  for (const id of ['one', 'adopted']) expect(records.join()).not.toContain(`secret of ${id}`)
  expect(records.join()).toContain('secret of two')

  const again = await MemoryStore.open({ journal: arrayJournal(records) })
  expect(await again.entries({})).toEqual(await store.entries({}))
  expect(await again.status()).toEqual(await store.status())
  expect(await again.heads('a')).toEqual(await store.heads('a'))
  // The header that waited is erased, and still there.
  const parent = entries.slice(0, 1).map(({ event }) => event)
  await again.apply({ via: there, role: 'pulled', changes: parent })
  const [adopted] = await again.fetch(['adopted' as EventId])
  expect(adopted).toMatchObject({ stub: 'erased', parents: ['parent'], dataText: '' })
})

it('a journal that can’t be rewritten is left as it is', async () => {
  const records: string[] = []
  const { replace: _, ...plain } = arrayJournal(records)
  const store = await MemoryStore.open({ journal: plain })
  await store.append([note('one')])
  expect(await store.erase(['one' as EventId])).toEqual({ erased: 1, unknown: [] })
  const again = await MemoryStore.open({ journal: arrayJournal(records) })
  expect((await again.fetch(['one' as EventId]))[0]?.stub).toBe('erased')
})

function note(id: string) {
  return { id, type: 'Noted', aggregateId: 'a', data: `secret of ${id}` }
}
