import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EventStore } from '../../src/contracts/index.ts'
import { encodeFrame } from '../../src/event/index.ts'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { SqliteStore, verifyStore } from '../../src/store/sqlite/index.ts'
import { SyncNode } from '../../src/sync/index.ts'
import { memoryTransport } from '../../src/transport/memory/index.ts'

type Note1 = { text: string; cents?: number }
type Note2 = { lines: string[] }
type Note3 = { lines: string[]; author: string | null }
type Release1 = { NoteWritten: Note1; NoteDeleted: null }
type Release3 = { NoteWritten: Note3; NoteDeleted: null; NotePinned: { on: boolean } }

const release1 = { upcasters: {} }
const release3 = {
  upcasters: {
    NoteWritten: [
      (one: Note1): Note2 => ({ lines: one.text.split('\n') }),
      (two: Note2): Note3 => ({ ...two, author: null }),
    ],
  },
} as const

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejoin-releases-'))
  path = join(folder, 'notes.db')
  cpSync(fileURLToPath(new URL('fixtures/release-1.db', import.meta.url)), path)
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('the previous release’s file, an old node and a new one on one hub', () => {
  it('S1: hold the same events, byte for byte, and the new one reads all as of today', async () => {
    const { hub, laptop, phone, laptopStore } = await fleet()
    await phone.append([written(['new'], 'ann'), pinned])
    await syncAll(phone, laptop, phone)
    expect(await framesOf(laptopStore)).toEqual(await framesOf(hub))

    const read = await Array.fromAsync(phone.readAggregate('note-1'))
    expect(read.map(({ type, data }) => [type, data])).toEqual([
      ['NoteWritten', { lines: ['new'], author: 'ann' }],
      ['NotePinned', { on: true }],
      ['NoteWritten', { lines: ['milk', 'bread'], author: null }],
      ['NoteWritten', { lines: ['a boat'], author: null }],
      ['NoteDeleted', null],
    ])
    await phone.close()
    await laptop.close()
    expect((await verifyStore(path)).problems).toEqual([])
  })

  it('the old one keeps what is newer than it, flagged, and understands it after its upgrade', async () => {
    const { laptop, phone } = await fleet()
    await phone.append([written(['new'], 'ann')])
    await syncAll(phone, laptop)
    const before = await Array.fromAsync(laptop.readAggregate('note-1'))
    expect(before.filter((event) => event.newer).map((event) => event.data)).toEqual([
      { lines: ['new'], author: 'ann' },
    ])
    await expect(laptop.decide('note-1', () => [])).rejects.toMatchObject({ code: 'event_newer' })
    // Other aggregates are as they were.
    expect((await laptop.decide('note-2', () => [])).events).toEqual([])
    await laptop.close()

    const store = await SqliteStore.open({ path })
    const upgraded = new SyncNode<Release3>({ store, ...release3 })
    const after = await Array.fromAsync(upgraded.readAggregate('note-1'))
    expect(after.map((event) => event.newer)).not.toContain(true)
    expect(after.at(-1)?.data).toEqual({ lines: ['new'], author: 'ann' })
    expect((await upgraded.decide('note-1', () => [pinned])).events).toHaveLength(1)
    await upgraded.close()
    await phone.close()
  })

  it('T4: an upgrade changes no digit of what was written', async () => {
    const { laptop, phone, hub } = await fleet()
    await syncAll(laptop, phone)
    const [tea] = await Array.fromAsync(phone.readAggregate('note-2'))
    expect(tea?.data).toEqual({ lines: ['tea'], author: null })
    expect(tea?.dataText).toBe('{"text":"tea","cents":12345678901234567890}')
    expect((await hub.entries({ aggregateId: 'note-2' })).entries[0]?.event.hash).toBe(tea?.hash)
    await phone.close()
    await laptop.close()
  })
})

async function fleet() {
  const hub = await MemoryStore.open({ node: 'hub' })
  const transport = () => memoryTransport(hub)
  const laptopStore = await SqliteStore.open({ path })
  const phoneStore = await MemoryStore.open({ node: 'phone' })
  return {
    hub,
    laptopStore,
    laptop: new SyncNode<Release1>({
      store: laptopStore,
      transport: transport(),
      ...release1,
    }),
    phone: new SyncNode<Release3>({ store: phoneStore, transport: transport(), ...release3 }),
  }
}

async function syncAll(...nodes: readonly { sync: SyncNode['sync'] }[]): Promise<void> {
  for (const node of nodes) expect((await node.sync()).errors).toEqual([])
}

async function framesOf(store: EventStore): Promise<readonly string[]> {
  const { entries } = await store.entries({})
  return entries.map(({ event }) => encodeFrame(event)).sort()
}

const pinned = { type: 'NotePinned' as const, aggregateId: 'note-1', data: { on: true } }
const written = (lines: string[], author: string) => ({
  type: 'NoteWritten' as const,
  aggregateId: 'note-1',
  data: { lines, author },
})
