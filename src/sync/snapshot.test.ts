import { describe, expect, it } from 'vitest'
import { defineRules } from '../conflict/index.ts'
import { foreignEvent, type Origin, snapshotType } from '../event/index.ts'
import { systemRuntime } from '../runtime/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { type EffectiveEventOf, SyncNode, type SyncNodeOptions } from './index.ts'

type Account = { Opened: { owner: string }; Paid: { cents: number }; 'rejoin.snapshot': State }
type State = { cents: number }

describe('a snapshot', () => {
  it('stands for all before it, on every replica that has it', async () => {
    const { hub, one, other } = await fleet()
    await pay(one, 5, 6)
    await syncAll(one, other)
    const { event, tries } = await one.snapshot('acc', total)
    expect(tries).toBe(1)
    expect(event).toMatchObject({ type: snapshotType, data: { cents: 11 }, schemaVersion: 1 })
    await pay(one, 7)
    await syncAll(one, other)
    for (const node of [one, other]) {
      const history = await node.history('acc')
      expect(history.map(({ type }) => type)).toEqual([snapshotType, 'Paid'])
      expect(total(history)).toEqual({ cents: 18 })
    }
    expect((await hub.status()).events).toBe(4n)
  })

  it('is not taken again before something has happened', async () => {
    const { one } = await fleet()
    await pay(one, 5)
    const { event } = await one.snapshot('acc', total)
    const again = await one.snapshot('acc', () => expect.unreachable())
    expect(again).toEqual({ event, tries: 0 })
    expect((await one.status()).events).toBe(2n)
    await pay(one, 5)
    const next = await one.snapshot('acc', total, { metadata: { by: 'a job' } })
    expect(next.event).toMatchObject({ data: { cents: 10 }, metadata: { by: 'a job' } })
  })

  it('is folded again when somebody appends meanwhile, and given up after ten times', async () => {
    const { one } = await fleet()
    await pay(one, 1)
    let rounds = 0
    const { event, tries } = await one.snapshot('acc', async (history) => {
      if (rounds++ === 0) await pay(one, 2)
      return total(history)
    })
    expect([tries, event.data]).toEqual([2, { cents: 3 }])
    await pay(one, 1)
    const restless = one.snapshot('acc', async () => pay(one, 1))
    await expect(restless).rejects.toMatchObject({ code: 'unsettled' })
  })

  it('is called off by its signal, and appends nothing then', async () => {
    const { one } = await fleet()
    await pay(one, 1)
    const calling = new AbortController()
    const { signal } = calling
    const reason = new Error('not now')
    const taken = one.snapshot('acc', () => calling.abort(reason), { signal })
    await expect(taken).rejects.toBe(reason)
    expect((await one.status()).events).toBe(1n)
  })

  it('settles conflicts: what lost is in none any more, and can still be restored', async () => {
    const rules = defineRules({ fallback: 'last-write-wins' })
    const { one, other } = await fleet({ rules })
    await pay(one, 5)
    await pay(other, 6)
    await syncAll(one, other)
    const [conflict] = await conflictsOf(one)
    const [lost] = conflict?.superseded ?? []
    const winner = total(await one.history('acc'))
    const { event } = await one.snapshot('acc', total)
    expect(event.data).toEqual(winner)
    expect(await conflictsOf(one)).toEqual([])
    const restored = await one.restore(lost!)
    expect(restored.data).toEqual({ cents: 11 - winner.cents })
    expect(total(await one.history('acc'))).toEqual({ cents: 11 })
    expect(await one.restore(lost!)).toEqual(restored)
    await expect(one.restore(event.id)).rejects.toThrow('counts as it is')
  })

  it('leaves to review what others wrote beside it, and says so in the journal and the sync result', async () => {
    const { one, other } = await fleet()
    await pay(one, 5)
    await syncAll(one, other)
    await one.snapshot('acc', total)
    await one.sync()
    await pay(other, 6)
    expect(await other.sync()).toMatchObject({ ok: true, conflictsToReview: 1 })
    await one.sync()
    for (const node of [one, other]) {
      expect(total(await node.history('acc'))).toEqual({ cents: 11 })
      const [conflict] = await conflictsOf(node)
      expect(conflict).toMatchObject({ key: snapshotType, outcome: 'review', open: true })
    }
    await pay(one, 0)
    expect(await conflictsOf(one)).toMatchObject([{ open: false }])
    await one.snapshot('acc', total)
    expect(await conflictsOf(one)).toEqual([])
  })

  it('is refused where it would leave something out', async () => {
    const { hub, one } = await fleet()
    await expect(one.snapshot('nobody', total)).rejects.toThrow('has no events that')
    await pay(one, 5)
    await one.append([{ type: 'Opened', aggregateId: 'acc', data: { owner: 'me' } }])
    await one.sync()
    const partly = await nodeOn(hub, { filter: { types: ['Paid'] } })
    await partly.sync()
    await expect(partly.snapshot('acc', total)).rejects.toThrow('content is withheld here')

    const content = { id: 'bare', type: 'Paid', aggregateId: 'acc', dataText: '{"cents":1}' }
    const via = 'elsewhere~0123456789abcdef' as Origin
    const bare = foreignEvent({ ...content, metadataText: '' }, systemRuntime)
    await hub.apply({ via, role: 'pushed', changes: [bare] })
    await one.sync()
    await expect(one.snapshot('acc', total)).rejects.toThrow('events without causality')
  })

  it('comes first in what is decided on, without what it covers, compacted or not', async () => {
    const { one, other } = await fleet()
    await pay(one, 5)
    await syncAll(one, other)
    await pay(other, 6)
    await other.sync()
    await one.snapshot('acc', total)
    await one.sync()
    const seen: number[][] = []
    const look = () =>
      one.decide('acc', (history) => {
        seen.push(history.map(({ data }) => (data as State).cents))
        return []
      })
    await look()
    expect((await one.compact({ olderThan: 0 })).compacted).toBe(1)
    await look()
    expect(seen).toEqual([
      [5, 6],
      [5, 6],
    ])
  })

  it('has a schema version and a schema like any event, and needs none', async () => {
    const validation = { Paid: passing }
    const upcasters = { 'rejoin.snapshot': [(data: never): State => data] as const }
    const { one } = await fleet({ validation, unknownTypes: 'refuse', upcasters })
    await pay(one, 5)
    expect((await one.snapshot('acc', total)).event.schemaVersion).toBe(2)
    const old = await nodeOn(await MemoryStore.open({ node: 'hub-2' }), { upcasters: {} }, one)
    await old.sync()
    await expect(old.snapshot('acc', total)).rejects.toMatchObject({ code: 'event_newer' })
  })

  it('needs a fold', async () => {
    const { one } = await fleet()
    await expect(one.snapshot('acc', { cents: 1 } as never)).rejects.toThrow('fold must be')
  })
})

describe('a read model of aggregates with snapshots', () => {
  it('comes to the same made anew from the snapshot as it did event by event', async () => {
    const { one, other } = await fleet()
    const sum = await balance(one)
    await pay(one, 5, 6)
    await sum.run()
    await one.snapshot('acc', total)
    await sum.run()
    expect(await sum.get('acc')).toBe(11)
    await pay(one, 7)
    await syncAll(one, other)
    const late = await balance(other)
    await late.run()
    await sum.run()
    expect([await sum.get('acc'), await late.get('acc')]).toEqual([18, 18])
  })
})

const passing = {
  '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) },
} as const

function total(history: readonly Pick<EffectiveEventOf<Account>, 'type' | 'data'>[]): State {
  let cents = 0
  for (const { type, data } of history)
    if (type === snapshotType) cents = (data as State).cents
    else if (type === 'Paid') cents += (data as State).cents
  return { cents }
}

async function fleet(options: Partial<SyncNodeOptions<Account>> = {}) {
  const hub = await MemoryStore.open({ node: 'hub' })
  return { hub, one: await nodeOn(hub, options), other: await nodeOn(hub, options) }
}

async function nodeOn(
  hub: MemoryStore,
  options: Partial<SyncNodeOptions<Account>>,
  from?: SyncNode<Account>,
): Promise<SyncNode<Account>> {
  if (from !== undefined) {
    const events = await Array.fromAsync(from.read(), ({ event }) => event)
    const via = 'copy~0123456789abcdef' as Origin
    await hub.apply({ via, role: 'pushed', changes: events })
  }
  const store = await MemoryStore.open({})
  return new SyncNode<Account>({ store, transport: memoryTransport(hub), retry: false, ...options })
}

async function pay(node: SyncNode<Account>, ...amounts: readonly number[]) {
  const events = amounts.map((cents) => ({
    type: 'Paid' as const,
    aggregateId: 'acc',
    data: { cents },
  }))
  return (await node.append(events)).events
}

async function syncAll(...nodes: readonly SyncNode<Account>[]): Promise<void> {
  for (const node of [...nodes, ...nodes]) expect((await node.sync()).ok).toBe(true)
}

function conflictsOf(node: SyncNode<Account>) {
  return Array.fromAsync(node.conflicts())
}

async function balance(node: SyncNode<Account>) {
  return node.project<number>({
    name: 'sum',
    initial: 0,
    on: { Paid: (sum, { data }) => sum + data.cents },
    snapshot: (_, data) => data.cents,
  })
}
