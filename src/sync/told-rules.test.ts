import { describe, expect, it } from 'vitest'
import { defineRules, type RuleSet } from '../conflict/index.ts'
import type { Hello, Transport } from '../contracts/index.ts'
import type { LogEvent } from '../event/index.ts'
import type { LogFields } from '../ports/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { httpTransport, logHandler } from '../transport/http/index.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { SyncNode } from './index.ts'

const last = defineRules({ fallback: 'last-write-wins' })
const first = defineRules({ fallback: 'first-write-wins' })

const ways: Readonly<Record<string, (hub: MemoryStore) => () => Transport<LogEvent>>> = {
  memory: (hub) => () => memoryTransport(hub),
  http: (hub) => {
    const handler = logHandler(hub)
    const fetch = (url: URL | RequestInfo, init?: RequestInit) => handler(new Request(url, init))
    return () => httpTransport({ url: 'http://hub.test/sync', fetch })
  },
}

describe.each(Object.entries(ways))('the hash of rules, over %s', (_, wayTo) => {
  it('is compared with that of every node at the hub, and a difference is told', async () => {
    const hub = await MemoryStore.open({ node: 'hub' })
    const way = wayTo(hub)
    const [one, other] = [await nodeOf('a', way(), last), await nodeOf('b', way(), first)]
    const none = await nodeOf('c', way())
    const all = [one, other, none]
    // The first greeting of all says nothing yet: it asks who is there.
    for (const { node } of [...all, ...all]) await node.append([written]).then(() => node.sync())
    expect((await one.node.sync()).otherRules).toEqual([first.hash])
    expect((await other.node.sync()).otherRules).toEqual([last.hash])
    expect((await none.node.sync()).otherRules).toEqual([])
    const difference = { rules: last.hash, others: [first.hash] }
    expect(one.warnings).toEqual([['other nodes have other rules', difference]])
    expect(none.warnings).toEqual([])

    other.node.useRules(last)
    await other.node.sync()
    expect((await other.node.sync()).otherRules).toEqual([])
    expect((await one.node.sync()).otherRules).toEqual([])
    expect(one.warnings).toHaveLength(1)
    // And told again when it comes back.
    other.node.useRules(first)
    await other.node.sync()
    await one.node.sync()
    expect(one.warnings).toEqual([one.warnings[0], one.warnings[0]])
    for (const { node } of all) await node.close()
  })
})

it('is not said to a remote that does not listen: an older one would refuse it', async () => {
  const hub = await MemoryStore.open({ node: 'hub' })
  await hub.append([written])
  const said: Hello[] = []
  const inner = memoryTransport(hub)
  const older: Transport<LogEvent> = {
    ...inner,
    async hello(mine, signal) {
      said.push(mine)
      const { rules, ...welcome } = await inner.hello(mine, signal)
      expect(rules).toEqual([])
      return welcome
    },
  }
  const { node } = await nodeOf('a', older, last)
  for (let n = 0; n < 3; n++) expect(await node.sync()).toMatchObject({ ok: true, otherRules: [] })
  expect(said.some(({ you }) => you !== undefined)).toBe(true)
  expect(said.filter((mine) => 'rules' in mine)).toEqual([])
  await node.close()
})

it('is refused by a handler when it is none', async () => {
  const hub = await MemoryStore.open({ node: 'hub' })
  const hello = (rules: unknown) =>
    logHandler(hub)(
      new Request('http://hub.test/sync/hello', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ origin: 'a~0123456789abcdef', rules }),
      }),
    )
  expect((await hello(last.hash)).status).toBe(200)
  for (const bad of ['', 'x'.repeat(65), 'a b', 7, null])
    expect((await hello(bad)).status).toBe(400)
})

const written = { type: 'NoteWritten', aggregateId: 'note', data: null }

async function nodeOf(name: string, transport: Transport<LogEvent>, rules?: RuleSet) {
  const warnings: [string, LogFields | undefined][] = []
  const nothing = () => {}
  const node = new SyncNode({
    store: await MemoryStore.open({ node: name }),
    transport,
    ...(rules && { rules }),
    logger: {
      debug: nothing,
      info: nothing,
      warn: (message, fields) => void warnings.push([message.split(':')[0] as string, fields]),
      error: nothing,
    },
  })
  return { node, warnings }
}
