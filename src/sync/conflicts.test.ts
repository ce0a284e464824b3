import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { property } from '../../test/property.ts'
import { type ConflictRecord, defineRules, type RuleSet } from '../conflict/index.ts'
import { type Runtime, systemRuntime } from '../runtime/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { SqliteStore } from '../store/sqlite/index.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { SyncNode, type SyncNodeOptions } from './index.ts'

const rules = defineRules({
  rules: [
    { name: 'titles', when: { type: 'TitleSet' }, resolve: 'last-write-wins' },
    { name: 'prices', when: { type: 'PriceSet' }, resolve: 'manual-review' },
    { name: 'profiles', when: { type: 'ProfileSet' }, resolve: 'merge-fields' },
  ],
})

it('tells who wrote what at once, who won, by which rule, and when', async () => {
  await using fleet = await open({ rules })
  const { one, other } = fleet
  const [base] = (await one.append([title('a', 'base')])).events
  await syncAll(fleet)
  const [lost] = (await one.append([title('a', 'first')])).events
  const [won] = (await other.append([title('a', 'second')])).events
  await syncAll(fleet)
  const branch = (event: typeof lost) => ({
    head: event?.id,
    events: [
      { id: event?.id, type: 'TitleSet', origin: event?.origin, stamp: String(event?.stamp) },
    ],
  })
  const expected = {
    aggregateId: 'a',
    key: 'TitleSet',
    at: Number((won?.stamp ?? 0n) / 1_000_000n),
    branches: [branch(lost), branch(won)],
    outcome: 'keep',
    winners: [1],
    rule: 'titles',
    resolver: 'last-write-wins',
    reasons: [],
    superseded: [lost?.id],
    open: true,
    settledBy: null,
  }
  for (const node of [one, other]) {
    expect(await listed(node)).toEqual([expected])
    expect(await listed(node, { aggregateId: 'a' })).toEqual([expected])
  }
  expect(base?.id).toBeDefined()
})

it('a conflict is settled by whoever writes on top of all branches, on whatever is written', async () => {
  await using fleet = await open({ rules })
  const { one, other } = fleet
  await conflict(fleet, [title('a', 'x')], [title('a', 'y')])
  expect(await listed(one, { open: true })).toHaveLength(1)
  expect(await listed(one, { open: false })).toEqual([])
  const [merge] = (await one.append([{ type: 'Seen', aggregateId: 'a', data: null }])).events
  const settled = [expect.objectContaining({ open: false, settledBy: merge?.id })]
  expect(await listed(one)).toEqual(settled)
  expect(await listed(one, { open: true })).toEqual([])
  await syncAll(fleet)
  expect(await listed(other)).toEqual(settled)
  expect(await listed(other, { aggregateId: 'a', open: false })).toEqual(settled)
})

it('a review waits for a person, holds up nothing, and is answered by a decision', async () => {
  await using fleet = await open({ rules })
  const { one, other } = fleet
  await conflict(fleet, [price('a', 1), title('b', 'x')], [price('a', 2), title('b', 'y')])
  const queue = async (node: SyncNode) =>
    (await listed(node, { open: true })).filter(({ outcome }) => outcome === 'review')
  const [waiting] = await queue(one)
  expect(waiting).toMatchObject({ aggregateId: 'a', winners: [], superseded: [], rule: 'prices' })
  expect(waiting?.reasons).toEqual(['manual review required'])
  // All of it counts meanwhile, and so does what was resolved beside it.
  expect((await one.history('a')).map(({ data }) => data)).toEqual([1, 2])
  expect((await one.history('b')).map(({ data }) => data)).toEqual(['y'])
  await one.append([price('c', 3)])
  await one.decide('a', () => [price('a', 1.5)])
  expect(await queue(one)).toEqual([])
  await syncAll(fleet)
  expect(await queue(other)).toEqual([])
  expect((await other.history('a')).map(({ data }) => data)).toEqual([1, 2, 1.5])
})

it('a sync says how many conflicts came of what it pulled, resolved and to be reviewed', async () => {
  await using fleet = await open({ rules })
  const { one, other } = fleet
  const none = { conflictsResolved: 0, conflictsToReview: 0 }
  await one.append([title('a', 'x'), price('a', 1), title('b', 'x'), title('c', 'x')])
  await other.append([title('a', 'y'), price('a', 2), title('b', 'y'), title('d', 'y')])
  expect(await one.sync()).toMatchObject({ pulled: 0, ...none })
  const found = { conflictsResolved: 2, conflictsToReview: 1 }
  expect(await other.sync()).toMatchObject({ pulled: 4, ...found })
  expect(await one.sync()).toMatchObject({ pulled: 4, ...found })
  // Counted once: another sync brings other events, which go on from all branches.
  expect(await one.sync()).toMatchObject({ pulled: 0, ...none })
  await other.append([title('a', 'z')])
  await other.sync()
  expect(await one.sync()).toMatchObject({ pulled: 1, ...none })
  // What came settled is no news, in batches of whatever size.
  await using late = await nodeOf(fleet.hub, 'late', { rules, batchSize: 1 })
  expect(await late.sync()).toMatchObject({
    pulled: 9,
    conflictsResolved: 1,
    conflictsToReview: 0,
  })
})

it('lists by aggregate, type and time, earliest first', async () => {
  await using fleet = await open({ rules })
  const { one } = fleet
  await conflict(fleet, [title('b', 'x')], [title('b', 'y')])
  await conflict(fleet, [price('a', 1)], [price('a', 2)])
  const [first, last] = await listed(one)
  expect([first?.aggregateId, last?.aggregateId]).toEqual(['b', 'a'])
  const aggregates = async (range: Parameters<SyncNode['conflicts']>[0]) =>
    (await listed(one, range)).map(({ aggregateId }) => aggregateId)
  expect(await aggregates({ aggregateId: 'a' })).toEqual(['a'])
  expect(await aggregates({ aggregateId: 'nobody' })).toEqual([])
  expect(await aggregates({ type: 'TitleSet' })).toEqual(['b'])
  const at = first?.at as number
  expect(await aggregates({ after: at })).toEqual(['a'])
  expect(await aggregates({ after: at - 1 })).toEqual(['b', 'a'])
  expect(await aggregates({ before: at })).toEqual([])
  expect(await aggregates({ before: at + 1 })).toEqual(['b'])
  expect(await aggregates({ aggregateId: 'a', before: at + 1 })).toEqual([])
})

it('goes on over as many pages as it takes', async () => {
  await using fleet = await open({ rules })
  const some = (text: string) => Array.from({ length: 450 }, (_, at) => title(`n${at}`, text))
  await conflict(fleet, some('x'), some('y'))
  const found = await listed(fleet.one)
  expect(new Set(found.map(({ aggregateId }) => aggregateId)).size).toBe(450)
  expect(found.map(({ at }) => at)).toEqual(found.map(({ at }) => at).toSorted((a, b) => a - b))
})

it('two nodes with the same events and rules list the same, byte for byte, however they came by them (C2)', async () => {
  const node = fc.nat({ max: 2 })
  const type = fc.constantFrom('TitleSet', 'PriceSet', 'ProfileSet')
  const aggregateId = fc.constantFrom('a0', 'a1')
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ node, type, aggregateId, data: fc.nat() }) },
    fc.record({ node, look: fc.constant(true) }),
    fc.record({ node }),
  )
  const counts = { open: 0, settled: 0 }
  await property(fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }), async (steps) => {
    const hub = await MemoryStore.open({ node: 'hub' })
    const nodes = await Promise.all(['x', 'y', 'z'].map((name) => nodeOf(hub, name, { rules })))
    for (const step of steps) {
      const at = nodes[step.node] as SyncNode
      // The journal is brought up to date at some moments and not at others.
      if ('look' in step) await listed(at)
      else if ('type' in step) {
        const { type, aggregateId, data } = step
        await at.append([{ type, aggregateId, data: { [`f${data % 3}`]: data } }])
      } else await at.sync()
    }
    for (const one of [...nodes, ...nodes]) await one.sync()
    if (steps.length % 2 === 0) await settleAll(nodes)
    const [first, ...others] = await Promise.all(nodes.map((one) => listed(one)))
    for (const list of others) expect(JSON.stringify(list)).toBe(JSON.stringify(first))
    // A node that looks for the first time, and one aggregate after the other.
    const fresh = await nodeOf(hub, 'fresh', { rules })
    await fresh.sync()
    expect(JSON.stringify(await listed(fresh))).toBe(JSON.stringify(first))
    for (const aggregateId of ['a0', 'a1'])
      expect(await listed(fresh, { aggregateId })).toEqual(
        first?.filter((record) => record.aggregateId === aggregateId),
      )
    for (const { open } of first ?? []) counts[open ? 'open' : 'settled']++
    for (const one of [...nodes, fresh]) await one.close()
    await hub.close()
  })
  expect(counts.open).toBeGreaterThan(20)
  expect(counts.settled).toBeGreaterThan(20)
})

it('is kept beside the log, and is what the rules asked with say, also when a file is shared', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-journal-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const hub = await MemoryStore.open({ node: 'hub' })
  await hub.append([title('a', 'hub')])
  const path = join(folder, 'a.db')
  const open = async (rules: RuleSet) => {
    const store = await SqliteStore.open({ path, node: 'one' })
    return { store, node: new SyncNode({ store, transport: memoryTransport(hub), rules }) }
  }
  const first = await open(rules)
  await first.node.append([title('a', 'one')])
  await first.node.sync()
  expect(await listed(first.node)).toMatchObject([{ rule: 'titles' }])
  expect(await first.store.projections.names()).toEqual(['rejoin.conflicts'])
  await using later = (await open(defineRules({ fallback: 'manual-review' }))).node
  for (let round = 0; round < 2; round++) {
    expect(await listed(later)).toMatchObject([{ rule: null, outcome: 'review' }])
    expect(await listed(first.node)).toMatchObject([{ rule: 'titles', outcome: 'keep' }])
  }
  await later.append([title('a', 'on top')])
  for (const node of [first.node, later])
    expect(await listed(node)).toMatchObject([{ open: false }])
  await first.node.close()
})

it('says clearly what is wrong with a question, can be called off, and ends with the node', async () => {
  const fleet = await open({ rules })
  const { one } = fleet
  for (const range of [{ after: Number.NaN }, { before: 1.5 }, { open: 1 }, { type: '' }, []])
    await expect(listed(one, range as never)).rejects.toMatchObject({ code: 'invalid_argument' })
  const signal = AbortSignal.abort()
  await expect(Array.fromAsync(one.conflicts({}, { signal }))).rejects.toThrow()
  await expect(one.restore('x', { signal })).rejects.toThrow()
  await fleet[Symbol.asyncDispose]()
  await expect(listed(one)).rejects.toMatchObject({ code: 'closed' })
  await expect(one.restore('x')).rejects.toMatchObject({ code: 'closed' })
})

it('what lost is brought back by an event on top of all heads, everywhere', async () => {
  await using fleet = await open({ rules })
  const { one, other } = fleet
  const [lost] = await conflict(fleet, [title('a', 'first')], [title('a', 'second')])
  const heads = await one.heads('a')
  const restored = await one.restore(lost as string)
  expect(restored).toMatchObject({ type: 'TitleSet', data: 'first', aggregateId: 'a' })
  expect(restored.metadata).toEqual({ tenant: 't', 'rejoin.restores': lost })
  expect(restored.parents.toSorted()).toEqual(heads.toSorted())
  await syncAll(fleet)
  for (const node of [one, other]) {
    expect((await node.history('a')).map(({ data }) => data)).toEqual(['second', 'first'])
    expect(await listed(node)).toMatchObject([{ open: false, settledBy: restored.id }])
  }
})

it('restores once, however often and wherever it is asked to', async () => {
  await using fleet = await open({ rules })
  const { one, other } = fleet
  const [lost] = await conflict(fleet, [title('a', 'first')], [title('a', 'second')])
  const twice = await Promise.all([one.restore(lost as string), one.restore(lost as string)])
  expect(twice[0].id).toBe(twice[1].id)
  await syncAll(fleet)
  expect((await other.restore(lost as string)).id).toBe(twice[0].id)
  expect(await Array.fromAsync(other.readAggregate('a'))).toHaveLength(3)
})

it('two nodes that restore at once clash in nothing, and one of the two restorations counts', async () => {
  await using fleet = await open({ rules })
  const { one, other } = fleet
  const [lost] = await conflict(fleet, [title('a', 'first')], [title('a', 'second')])
  await one.restore(lost as string)
  await other.restore(lost as string)
  await syncAll(fleet)
  expect((await one.history('a')).map(({ data }) => data)).toEqual(['second', 'first'])
  expect((await one.status()).clashes).toBe(0n)
})

it('refuses to restore what counts, what is not here, and what has no content', async () => {
  await using fleet = await open({ rules })
  const { one, hub } = fleet
  const [lost, won] = await conflict(fleet, [title('a', 'first')], [title('a', 'second')])
  const said = (message: string) => ({ code: 'invalid_argument', message })
  await expect(one.restore(won as string)).rejects.toMatchObject(
    said(`event ${won} counts as it is: no conflict's resolution has left it out`),
  )
  await expect(one.restore('gone')).rejects.toMatchObject(said('event gone is not here'))
  await expect(one.restore('')).rejects.toMatchObject({ code: 'invalid_argument' })
  await hub.erase([lost as never])
  await syncAll(fleet)
  await expect(one.restore(lost as string)).rejects.toMatchObject(
    said(`event ${lost} can't be restored: its content is erased`),
  )
  expect(await listed(one)).toEqual([])
})

type Range = Parameters<SyncNode['conflicts']>[0]
type New = Parameters<SyncNode['append']>[0]

function listed(node: SyncNode, range?: Range): Promise<ConflictRecord[]> {
  return Array.fromAsync(node.conflicts(range))
}

async function settleAll(nodes: readonly SyncNode[]): Promise<void> {
  const [first] = nodes
  await first?.append(['a0', 'a1'].map((aggregateId) => ({ type: 'Seen', aggregateId, data: 0 })))
  for (const one of nodes) await one.sync()
}

/** Both append without knowledge of each other, and sync; answers with the ids of their first events. */
async function conflict(
  fleet: Fleet,
  left: New,
  right: New,
): Promise<readonly (string | undefined)[]> {
  const { events: here } = await fleet.one.append(left)
  const { events: there } = await fleet.other.append(right)
  await syncAll(fleet)
  return [here[0]?.id, there[0]?.id]
}

/** Each look at the clock is a millisecond later than the last. */
let time = Date.UTC(2026, 2, 1)
const runtime: Runtime = { ...systemRuntime, now: () => time++ }

type Fleet = Awaited<ReturnType<typeof open>>

async function open(options: Partial<SyncNodeOptions>) {
  const hub = await MemoryStore.open({ node: 'hub' })
  const [one, other] = [await nodeOf(hub, 'one', options), await nodeOf(hub, 'other', options)]
  return {
    hub,
    one,
    other,
    async [Symbol.asyncDispose]() {
      for (const end of [one, other, hub]) await end.close()
    },
  }
}

async function nodeOf(hub: MemoryStore, node: string, options: Partial<SyncNodeOptions>) {
  const store = await MemoryStore.open({ node, runtime })
  return new SyncNode({ store, transport: memoryTransport(hub), ...options })
}

async function syncAll({ one, other }: Pick<Fleet, 'one' | 'other'>): Promise<void> {
  for (const node of [one, other, one]) expect(await node.sync()).toMatchObject({ ok: true })
}

function title(aggregateId: string, data: string) {
  return { type: 'TitleSet', aggregateId, data, metadata: { tenant: 't' } }
}

function price(aggregateId: string, data: number) {
  return { type: 'PriceSet', aggregateId, data }
}
