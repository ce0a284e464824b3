import { expect, it } from 'vitest'
import { arrayJournal } from '../../../test/acceptance/array-journal.ts'
import { historyOf } from '../../conflict/index.ts'
import { erasedOf, type LogEvent, type Origin, snapshotType } from '../../event/index.ts'
import { MemoryStore } from './index.ts'

it('L1, C2: killed in the middle of a compaction, a log means the same, and a repeat completes it', async () => {
  const records: string[] = []
  const journal = arrayJournal(records)
  const store = await MemoryStore.open({ node: 'one', journal })
  const append = (type: string, data: unknown) => store.append([{ type, aggregateId: 'a', data }])
  for (let n = 0; n < 1_200; n++) await append('Noted', { n })
  await append(snapshotType, 'all of it')
  await append('Noted', 'after')
  const expected = meaningOf(await eventsOf(store))
  const before = records.length
  expect((await store.compact({ olderThan: 0 })).compacted).toBe(1_200)
  // The journal was rewritten: every cut of it stands for a crash after that many commits.
  expect(records.join('').includes('"n":7')).toBe(false)
  for (const kept of [before, before + 1, before + 2, records.length]) {
    const found = await MemoryStore.open({ journal: arrayJournal(records.slice(0, kept)) })
    expect(meaningOf(await eventsOf(found))).toEqual(expected)
    const left = (await eventsOf(found)).filter(({ stub }) => stub === null).length
    expect((await found.compact({ olderThan: 0 })).compacted).toBe(left - 2)
    expect(meaningOf(await eventsOf(found))).toEqual(expected)
  }
})

it('stops when the snapshot is erased from elsewhere meanwhile: what is left has nobody to stand for it', async () => {
  const records: string[] = []
  const journal = arrayJournal(records)
  const { append } = journal
  let onRecord: ((record: string) => void) | undefined
  journal.append = async (record) => {
    onRecord?.(record)
    await append(record)
  }
  const store = await MemoryStore.open({ node: 'one', journal })
  for (let n = 0; n < 1_200; n++)
    await store.append([{ type: 'Noted', aggregateId: 'a', data: { n } }])
  const answer = await store.append([{ type: snapshotType, aggregateId: 'a', data: 'all' }])
  const [snapshot] = answer.kind === 'appended' ? answer.events : []
  let erasing: Promise<unknown> | undefined
  onRecord = (record) => {
    if (!record.includes('compacted')) return
    const changes = [erasedOf(snapshot as LogEvent)]
    const via = 'elsewhere~0123456789abcdef' as Origin
    erasing ??= store.apply({ via, role: 'pulled', changes })
  }
  expect((await store.compact({ olderThan: 0 })).compacted).toBe(500)
  await erasing
  const left = (await eventsOf(store)).filter(({ stub }) => stub === null)
  expect(left).toHaveLength(700)
})

async function eventsOf(store: MemoryStore): Promise<readonly LogEvent[]> {
  const { entries } = await store.entries({ count: 10_000 })
  return entries.map(({ event }) => event)
}

function meaningOf(events: readonly LogEvent[]): unknown {
  return historyOf()(events).map(({ event, data }) => [event.id, data])
}
