import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { machine } from '../../test/fleet.ts'
import type { Transport } from '../contracts/index.ts'
import type { LogEvent } from '../event/index.ts'
import { serve } from '../server/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { SqliteStore } from '../store/sqlite/index.ts'
import { httpTransport, logHandler } from '../transport/http/index.ts'
import { logSockets, webSocketTransport } from '../transport/websocket/index.ts'
import { SyncNode } from './index.ts'

const closings: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close()
})

const ways = {
  HTTP: (port: number) => httpTransport({ url: `http://127.0.0.1:${port}/sync` }),
  WebSockets: (port: number) => webSocketTransport({ url: `ws://127.0.0.1:${port}/sync/ws` }),
}

describe.each(Object.entries(ways))('nodes that follow a hub over %s, on SQLite', (_, way) => {
  const fleet = (count: number, ids?: readonly string[]) => fleetOver(way, count, ids)

  it('have what one of them appends within moments, both ways', async () => {
    const { nodes, hub } = await fleet(2)
    const [one, other] = nodes as [SyncNode, SyncNode]
    await one.append([note('n1')])
    await has(other, 1)
    await other.append([note('n2')])
    await has(one, 2)
    await hub.store.append([note('h1')])
    await Promise.all(nodes.map((node) => has(node, 3)))
  })

  it('C3: are waited for by the hub from their first connection on', async () => {
    const { nodes, hub } = await fleet(1, ['h1'])
    const [node] = nodes as [SyncNode]
    await has(node, 1)
    await node.close({ flush: false })
    await hub.store.append([note('h2')])
    expect((await hub.store.compact({})).upTo).toBe(1n)
  })

  it('S2: get 1,000 events of one append', async () => {
    const { nodes } = await fleet(2)
    const [one, other] = nodes as [SyncNode, SyncNode]
    await one.append(Array.from({ length: 1_000 }, (_, n) => note(`n${n}`)))
    await has(other, 1_000)
    expect((await drained(one)).unsent).toEqual({ count: 0, more: false })
  })

  it('S2: that reconnect at the same instant both finish', async () => {
    const { nodes, hub } = await fleet(2)
    await hub.close()
    await Promise.all(nodes.map((node) => reaches(node, 'waiting')))
    for (const [at, node] of nodes.entries())
      await node.append(Array.from({ length: 50 }, (_, n) => note(`n${at}-${n}`)))
    const port = hub.port
    await hub.open(port)
    await comeBack(nodes)
    await Promise.all(nodes.map((node) => has(node, 100)))
    for (const node of nodes) {
      expect((await drained(node)).unsent).toEqual({ count: 0, more: false })
    }
    expect((await hub.store.status()).events).toBe(100n)
  })

  it('S4: find that the hub was wiped, and give back what it had', async () => {
    const { nodes, hub } = await fleet(2)
    const [one, other] = nodes as [SyncNode, SyncNode]
    await one.append([note('n1'), note('n2')])
    await has(other, 2)
    await hub.close()
    hub.store = await MemoryStore.open({ node: 'new-hub' })
    await hub.open(hub.port)
    await comeBack(nodes)
    await one.append([note('n3')])
    await has(other, 3)
    expect((await hub.store.status()).events).toBe(3n)
  })

  it('S4: find that the hub was restored from an older copy, and give back what it lacks', async () => {
    const { nodes, hub } = await fleet(2)
    const [one, other] = nodes as [SyncNode, SyncNode]
    await one.append([note('n1')])
    await has(other, 1)
    const older = [...hub.records]
    await one.append([note('n2')])
    await has(other, 2)
    await other.append([note('n3')], { until: 'remote' })
    await has(one, 3)
    await hub.close()
    await Promise.all(nodes.map((node) => reaches(node, 'waiting')))
    hub.store = (await machine('hub', older)).store
    expect((await hub.store.status()).events).toBe(1n)
    await hub.store.append([note('h1')])
    await hub.open(hub.port)
    await comeBack(nodes)
    await Promise.all(nodes.map((node) => has(node, 4)))
    // It has what they had, and goes on.
    await other.append([note('n4')], { until: 'remote' })
    await has(one, 5)
    expect((await hub.store.status()).events).toBe(5n)
  })

  it('push what was appended while the hub was away, when it is there again', async () => {
    const { nodes, hub } = await fleet(1)
    const [node] = nodes as [SyncNode]
    await hub.close()
    await reaches(node, 'waiting')
    const { confirmed } = await node.append([note('n1')])
    const { unsent, blocked } = await node.explain()
    expect(unsent?.count).toBe(1)
    // A server that says goodbye was not just gone.
    expect(['unreachable', 'failing']).toContain(blocked?.cause)
    await hub.open(hub.port)
    await comeBack(nodes)
    await confirmed()
    expect((await hub.store.status()).events).toBe(1n)
  })

  it('are told nothing twice: what a node appends does not come back as news', async () => {
    const { nodes } = await fleet(2)
    const [one, other] = nodes as [SyncNode, SyncNode]
    let pulled = 0
    one.subscribe((result) => {
      pulled += result.pulled
    })
    for (let n = 0; n < 10; n++) await one.append([note(`n${n}`)])
    await has(other, 10)
    await other.append([note('last')])
    await has(one, 11)
    await drained(one)
    expect(pulled).toBeLessThanOrEqual(1)
  })
})

interface Hub {
  store: MemoryStore
  /** Of the store that it began with: a copy of them opens as a copy of it. */
  readonly records: readonly string[]
  port: number
  open(port?: number): Promise<void>
  close(): Promise<void>
}

async function fleetOver(
  way: (port: number) => Transport<LogEvent>,
  count: number,
  ids: readonly string[] = [],
): Promise<{ nodes: readonly SyncNode[]; hub: Hub }> {
  let server: Awaited<ReturnType<typeof serve>> | undefined
  const hub: Hub = {
    ...(await machine('hub')),
    port: 0,
    async open(port = 0) {
      const mounts = { '/sync': logHandler(hub.store) }
      const sockets = { '/sync/ws': logSockets(hub.store) }
      server = await serve({ mounts, sockets, port, grace: 50 })
      hub.port = server.port
    },
    async close() {
      await server?.close()
    },
  }
  for (const id of ids) await hub.store.append([note(id)])
  await hub.open()
  closings.push(() => hub.close())
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-live-'))
  closings.push(async () => rmSync(folder, { recursive: true }))
  const nodes = await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const node = new SyncNode({
        store: await SqliteStore.open({ path: join(folder, `${at}.db`) }),
        transport: way(hub.port),
        realtime: true,
        autoStart: true,
        retry: false,
      })
      closings.push(() => node.close({ flush: false }))
      await reaches(node, 'live')
      return node
    }),
  )
  return { nodes, hub }
}

/** Hints come until it is so: each only shortens the wait there is. */
async function comeBack(nodes: readonly SyncNode[]): Promise<void> {
  const hints = setInterval(() => {
    for (const node of nodes) node.nudge()
  }, 50)
  try {
    await Promise.all(nodes.map((node) => reaches(node, 'live')))
  } finally {
    clearInterval(hints)
  }
}

function reaches(node: SyncNode, phase: string): Promise<void> {
  const [link] = node.links()
  return new Promise((resolve) => {
    const look = () => {
      if (link?.phase !== phase) return
      forget?.()
      resolve()
    }
    const forget = link?.onTransition(look)
    look()
  })
}

/** Resolves when the node holds as many events. */
async function has(node: SyncNode, events: number): Promise<void> {
  for (;;) {
    const told = new Promise<void>((resolve) => {
      const forget = node.subscribe(() => {
        forget()
        resolve()
      })
    })
    if ((await node.status()).events >= BigInt(events)) return
    await told
  }
}

async function drained(node: SyncNode) {
  for (;;) {
    const explained = await node.explain()
    if (explained.unsent?.count === 0 && explained.phase === 'live') return explained
    await new Promise((next) => setImmediate(next))
  }
}

const note = (id: string) => ({ id, type: 'noted', aggregateId: `a-${id}`, data: { id } })
