import { join } from 'node:path'
import { expect, it } from 'vitest'
import { tempFolder } from '../../test/e2e/temp-folder.ts'
import { additive, defaultRules, defineRules, type RuleSet } from '../conflict/index.ts'
import type { EventId } from '../event/index.ts'
import type { LogFields } from '../ports/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { SqliteStore } from '../store/sqlite/index.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { type RulesChange, SyncNode } from './index.ts'

const last = defineRules({ fallback: 'last-write-wins' })
const first = defineRules({ fallback: 'first-write-wins' })
const review = defineRules({ fallback: 'manual-review' })

interface Events {
  TitleSet: { title: string }
}

it('other rules hold at once for history, journal, read models, restores and syncs', async () => {
  const hub = await MemoryStore.open({ node: 'hub' })
  await using laptop = await nodeOf(hub, 'a', first)
  await using desktop = await nodeOf(hub, 'b', first)
  const titles = titlesOf(laptop)
  await laptop.append([titled('a', 'first')])
  await desktop.append([titled('a', 'second')])
  await desktop.sync()
  await laptop.sync()
  expect(await seen(laptop, titles)).toEqual(['first'])
  expect(await winnersOf(laptop)).toEqual(['first'])

  const change = laptop.useRules(last)
  expect(change).toEqual({ before: first.hash, after: last.hash, readModels: ['titles'] })
  expect(laptop.rules).toBe(last)
  expect(await seen(laptop, titles)).toEqual(['second'])
  expect(await winnersOf(laptop)).toEqual(['second'])
  const lost = (await Array.fromAsync(laptop.conflicts()))[0]?.superseded[0] as EventId
  expect((await laptop.restore(lost)).data).toEqual({ title: 'first' })

  laptop.useRules(review)
  await desktop.append([titled('b', 'third')])
  await laptop.append([titled('b', 'fourth')])
  await desktop.sync()
  expect(await laptop.sync()).toMatchObject({ conflictsToReview: 1, conflictsResolved: 0 })
})

it('is told with both hashes, to whoever asked and to the log, and only for another hash', async () => {
  const lines: [string, LogFields | undefined][] = []
  const info = (message: string, fields?: LogFields) => void lines.push([message, fields])
  const nothing = () => {}
  await using node = new SyncNode<Events>({
    store: await MemoryStore.open(),
    logger: { debug: nothing, info, warn: nothing, error: nothing },
  })
  titlesOf(node)
  const told: RulesChange[] = []
  node.onRulesChange(() => {
    throw new Error('not of interest')
  })
  const stop = node.onRulesChange((change) => void told.push(change))
  // As good as those that hold without any.
  expect(node.useRules(defaultRules)).toBeUndefined()
  node.useRules(last)
  expect(node.useRules(defineRules({ fallback: 'last-write-wins' }))).toBeUndefined()
  const change = { before: defaultRules.hash, after: last.hash, readModels: ['titles'] }
  expect(told).toEqual([change])
  expect(lines).toEqual([[expect.stringContaining('other rules hold'), change]])
  stop()
  node.useRules(first)
  expect(told).toHaveLength(1)
})

it('rules with the same hash fold nothing anew', async () => {
  let folds = 0
  await using node = await forked(last)
  const counts = node.project({
    name: 'counts',
    initial: 0,
    on: {
      TitleSet: (count) => {
        folds++
        return count + 1
      },
    },
  })
  await counts.run()
  const before = folds
  node.useRules(defineRules({ fallback: 'last-write-wins' }))
  await counts.run()
  expect(folds).toBe(before)
  node.useRules(first)
  await counts.run()
  expect(folds).toBeGreaterThan(before)
})

it('the old result is read until the new one is there, and a fold under way goes over to the new rules', async () => {
  await using node = await forked(first)
  const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let waits = false
  const titles = node.project({
    name: 'titles',
    initial: [] as string[],
    batchSize: 1,
    on: {
      TitleSet: async (known, { data }) => {
        if (waits) {
          begun.resolve()
          await goOn.promise
        }
        return [...known, data.title]
      },
    },
  })
  await titles.run()
  const old = await titles.get('a')
  waits = true
  node.useRules(review)
  await begun.promise
  expect(await titles.get('a')).toEqual(old)
  node.useRules(last)
  goOn.resolve()
  await titles.run()
  expect(await titles.get('a')).not.toEqual(old)
  expect(await seen(node, titles)).toHaveLength(1)
})

it('the journal of a file that two nodes share is what each one’s rules say, whoever changed last', async () => {
  const hub = await MemoryStore.open({ node: 'hub' })
  await hub.append([titled('a', 'of the hub')])
  const path = join(tempFolder(), 'shared.db')
  await using one = await sharing(path, hub)
  await using other = await sharing(path, hub)
  await one.append([titled('a', 'of the file')])
  await one.sync()
  expect(await winnersOf(other)).toEqual(await winnersOf(one))
  const before = await winnersOf(one)
  one.useRules(last)
  expect(await winnersOf(one)).not.toEqual(before)
  expect(await winnersOf(other)).toEqual(before)
  other.useRules(last)
  expect(await winnersOf(other)).toEqual(await winnersOf(one))
})

it('refuses what are no rules, and a closed node', async () => {
  const node = new SyncNode({ store: await MemoryStore.open() })
  expect(() => node.useRules(additive() as never)).toThrow(
    expect.objectContaining({ code: 'invalid_argument', operation: 'useRules' }),
  )
  expect(() => node.onRulesChange(undefined as never)).toThrow(
    expect.objectContaining({ code: 'invalid_argument' }),
  )
  await node.close()
  expect(() => node.useRules(last)).toThrow(expect.objectContaining({ code: 'closed' }))
})

type Node = SyncNode<Events>

async function nodeOf(hub: MemoryStore, node: string, rules: RuleSet): Promise<Node> {
  const store = await MemoryStore.open({ node })
  return new SyncNode<Events>({ store, transport: memoryTransport(hub), rules })
}

async function sharing(path: string, hub: MemoryStore): Promise<Node> {
  const store = await SqliteStore.open({ path, node: 'one' })
  return new SyncNode<Events>({ store, transport: memoryTransport(hub), rules: first })
}

function titlesOf(node: Node) {
  return node.project({
    name: 'titles',
    initial: [] as string[],
    on: { TitleSet: (known, { data }) => [...known, data.title] },
  })
}

function titled(aggregateId: string, title: string) {
  return { type: 'TitleSet', aggregateId, data: { title } } as const
}

async function forked(rules: RuleSet): Promise<Node> {
  const hub = await MemoryStore.open({ node: 'hub' })
  const node = await nodeOf(hub, 'a', rules)
  await using other = await nodeOf(hub, 'b', rules)
  await node.append([titled('a', 'first')])
  await other.append([titled('a', 'second')])
  await other.sync()
  await node.sync()
  return node
}

/** What the read model of an aggregate shows, which is what its history says. */
async function seen(node: Node, titles: Titles): Promise<readonly string[] | undefined> {
  await titles.run()
  const shown = await titles.get('a')
  const history = (await node.history('a')) as readonly { readonly data: Events['TitleSet'] }[]
  expect(history.map(({ data }) => data.title)).toEqual(shown)
  return shown
}

/** What won the first conflict, as the journal says. */
async function winnersOf(node: Node): Promise<readonly string[]> {
  const [record] = await Array.fromAsync(node.conflicts())
  const heads = record?.winners.map((at) => record.branches[at]?.head)
  const events = await Array.fromAsync(node.readAggregate('a'))
  return events.flatMap(({ id, data }) => (heads?.includes(id) ? [(data as Title).title] : []))
}

type Title = Events['TitleSet']
type Titles = Pick<ReturnType<typeof titlesOf>, 'run' | 'get'>
