import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  decodeFrames,
  defaultEventLimits,
  type EventId,
  encodeEndLine,
  encodeFrame,
  type LogEvent,
  type Origin,
  snapshotType,
} from '../../src/event/index.ts'
import { syncOnce } from '../../src/link/index.ts'
import { systemRuntime } from '../../src/runtime/index.ts'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { SqliteStore, verifyStore } from '../../src/store/sqlite/index.ts'
import { migrations } from '../../src/store/sqlite/schema.ts'
import { memoryTransport } from '../../src/transport/memory/index.ts'

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
const versions = migrations.map((_, at) => at + 1)
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejoin-schema-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe.each(versions)('a file of schema version %i', (version) => {
  const open = () => {
    const path = join(folder, 'log.db')
    cpSync(fixture(`schema-${version}.db`), path)
    return SqliteStore.open({ path })
  }

  it('L1: opens with every event it was left with, byte for byte', async () => {
    await using store = await open()
    const { entries } = await store.entries({})
    const frames = entries.map(({ event }) => encodeFrame(event)).join('')
    expect(frames).toBe(readFileSync(fixture(`schema-${version}.frames`), 'utf8'))
    expect((await verifyStore(store.path)).problems).toEqual([])
  })

  it('keeps its node, its heads, its stub and what is parked', async () => {
    await using store = await open()
    expect((await store.identity()).node).toBe('fixture')
    expect(await store.heads('note-1')).toHaveLength(2)
    const { entries } = await store.entries({ aggregateId: 'note-3' })
    expect(entries.map(({ event }) => event.stub)).toEqual(['withheld'])
    const { parked } = await store.link('filtering~0123456789abcdef' as Origin)
    expect(parked.map((one) => one.id)).toEqual(['id-0' as EventId])
  })

  it('S1: goes on: appends, and brings a new hub all it has', async () => {
    await using store = await open()
    await store.append([{ type: 'Noted', aggregateId: 'note-1', data: 'later' }])
    expect(await store.heads('note-1')).toHaveLength(1)
    const hub = await MemoryStore.open()
    const { errors } = await syncOnce({ replica: store, transport: memoryTransport(hub) })
    expect(errors).toEqual([])
    expect((await hub.status()).events).toBe((await store.status()).events)
  })
})

it('version 2 keeps the header of an orphan, which takes it on when its parent comes', async () => {
  const path = join(folder, 'log.db')
  cpSync(fixture('schema-2.db'), path)
  await using store = await SqliteStore.open({ path })
  expect(await store.heads('note-4')).toEqual([])
  const frame = readFileSync(fixture('schema-2.parent'), 'utf8') + encodeEndLine({})
  const [parent] = decodeFrames(frame, defaultEventLimits, systemRuntime).events
  const changes = [parent as LogEvent]
  await store.apply({ via: 'other~0123456789abcdef' as Origin, role: 'pulled', changes })
  expect(await store.heads('note-4')).toEqual(['orphan'])
})

it('version 3 keeps its read models', async () => {
  const path = join(folder, 'log.db')
  cpSync(fixture('schema-3.db'), path)
  await using store = await SqliteStore.open({ path })
  expect(await store.projections.head('notes')).toBe('{"kept":true}')
  expect(await store.projections.list('notes', 'r', { limit: 10 })).toEqual([
    { key: 'naïve ☂ id', value: '{"count":6}' },
    { key: 'note-1', value: '{"count":5}' },
  ])
})

it('version 4 keeps what is erased, with its tenant alone, and counts it', async () => {
  const path = join(folder, 'log.db')
  cpSync(fixture('schema-4.db'), path)
  await using store = await SqliteStore.open({ path })
  expect((await store.status()).erased).toBe(1n)
  const [gone] = await store.fetch(['gone' as EventId])
  expect(gone).toMatchObject({ stub: 'erased', metadataText: '{"tenant":"kitchen"}', hash: '' })
  expect(readFileSync(path).includes('secret')).toBe(false)
})

it('version 5 keeps where an event stood before it took its header on', async () => {
  const path = join(folder, 'log.db')
  cpSync(fixture('schema-5.db'), path)
  await using store = await SqliteStore.open({ path })
  const idsBy = async (placed: 'first' | 'last') =>
    (await store.entries({ placed })).entries.map(({ event }) => event.id).slice(-2)
  expect((await idsBy('last'))[1]).toBe('late')
  expect((await idsBy('first'))[0]).toBe('late')
  expect((await idsBy('first'))[1]).toBe((await idsBy('last'))[0])
})

it('version 6 keeps what is compacted, and how far its peers have come', async () => {
  const path = join(folder, 'log.db')
  cpSync(fixture('schema-6.db'), path)
  await using store = await SqliteStore.open({ path })
  const { entries } = await store.entries({ aggregateId: 'note-7' })
  expect(entries.map(({ event }) => event.stub)).toEqual(['compacted', null])
  await store.append([{ type: snapshotType, aggregateId: 'note-7', data: 'and once more' }])
  const links = (await store.status()).links.map(({ link }) => link)
  const { kept } = await store.compact({
    leaveBehind: links.filter((link) => !link.startsWith('reading')),
    olderThan: 0,
    silence: Number.MAX_SAFE_INTEGER,
  })
  expect(kept.map(({ name }) => name)).toEqual(['reading~0123456789abcdef'])
})
