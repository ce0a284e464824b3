import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { tempFolder } from '../../../test/e2e/temp-folder.ts'
import type { EventStore } from '../../contracts/index.ts'
import { SqliteStore } from '../../store/sqlite/index.ts'
import type { EventLine } from './event-line.ts'
import { knownEvents } from './known-events.ts'
import { spoolPath } from './left-spools.ts'
import { Spool } from './spool.ts'

const never = new AbortController().signal
const data = `"${'x'.repeat(10_000)}"`

function line(number: number, givenId = true): EventLine {
  const event = { type: 'T', aggregateId: 'a', schemaVersion: 1, metadataText: '', dataText: data }
  return { line: number, id: `id-${number}`, givenId, ...event }
}

async function storeAndSpool(lines: readonly EventLine[], stored: readonly EventLine[]) {
  const path = join(tempFolder(), 'a.db')
  const store: EventStore = await SqliteStore.open({ path })
  const spool = Spool.create(spoolPath(path))
  onTestFinished(async () => {
    spool.close()
    await store.close()
  })
  for (const each of lines) spool.add(each)
  spool.seal('digest')
  await store.append(
    stored.map(({ id, type, aggregateId, dataText }) => ({ id, type, aggregateId, dataText })),
  )
  return { store, spool }
}

const lines = Array.from({ length: 450 }, (_, at) => line(at + 1, at % 3 > 0))

it('S5: reads of the spool only what the store holds too', async () => {
  const stored = lines.filter((_, at) => at % 10 === 0)
  const { store, spool } = await storeAndSpool(lines, stored)
  const [find, chunks, fetch] = [
    vi.spyOn(spool, 'find'),
    vi.spyOn(spool, 'chunks'),
    vi.spyOn(store, 'fetch'),
  ]
  expect(await knownEvents(store, spool, 'all', never)).toBe(stored.length)
  expect(find).toHaveBeenCalledTimes(stored.length)
  const given = stored.filter(({ givenId }) => givenId)
  expect(await knownEvents(store, spool, 'given', never)).toBe(given.length)
  expect(find).toHaveBeenCalledTimes(stored.length + given.length)
  expect(chunks).not.toHaveBeenCalled()
  // Of payloads of 10,000 bytes about a megabyte is one reading's worth.
  for (const [ids] of fetch.mock.calls) expect(ids.length).toBeLessThanOrEqual(105)
})

it('lets others have their turn, so that it can be interrupted', async () => {
  const { store, spool } = await storeAndSpool(lines, lines)
  const over = new AbortController()
  setImmediate(() => over.abort(new Error('interrupted')))
  await expect(knownEvents(store, spool, 'all', over.signal)).rejects.toThrow('interrupted')
})
