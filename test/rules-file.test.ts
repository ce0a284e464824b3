import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { RuleSet } from '../src/conflict/index.ts'
import { watchRules } from '../src/rules-file/index.ts'
import { MemoryStore } from '../src/store/memory/index.ts'
import { SqliteStore } from '../src/store/sqlite/index.ts'
import { type RulesChange, SyncNode } from '../src/sync/index.ts'
import { memoryTransport } from '../src/transport/memory/index.ts'
import { tempFolder } from './e2e/temp-folder.ts'

it('two nodes with one file of rules agree, and fold everything anew when they are opened with others', async () => {
  const folder = tempFolder()
  const [path, next] = [join(folder, 'rules.yaml'), join(folder, 'next.yaml')]
  writeFileSync(path, 'fallback: additive\n')
  const hub = await MemoryStore.open({ node: 'hub' })
  const names = ['phone', 'laptop'] as const

  const changes = names.map(() => Promise.withResolvers<RuleSet>())
  const watches = await Promise.all(
    changes.map(({ resolve }) => watchRules(path, resolve, { debounce: 5 })),
  )
  const before = await Promise.all(names.map((name, at) => open(name, watches[at]?.rules)))
  for (const { node, name } of before)
    await node.append([{ type: 'TitleSet', aggregateId: 'note', data: name }])
  for (const { node } of [...before, ...before]) expect((await node.sync()).ok).toBe(true)
  const all = await Promise.all(before.map(seenBy))
  expect(all[0]?.toSorted()).toEqual(['laptop', 'phone'])
  expect(all[1]).toEqual(all[0])
  for (const { node } of before) await node.close()

  writeFileSync(next, 'fallback: last-write-wins\n')
  renameSync(next, path)
  const rules = await Promise.all(changes.map(({ promise }) => promise))
  expect(rules[0]?.hash).toBe(rules[1]?.hash)
  const after = await Promise.all(names.map((name, at) => open(name, rules[at])))
  // Which of them was last, clocks say.
  const last = all[0]?.slice(-1)
  expect(await Promise.all(after.map(seenBy))).toEqual([last, last])
  for (const { node } of after) await node.close()
  for (const watch of watches) await watch.close()

  async function open(name: string, given: RuleSet | undefined) {
    const store = await SqliteStore.open({ path: join(folder, `${name}.db`), node: name })
    const node = new SyncNode({
      store,
      transport: memoryTransport(hub),
      ...(given && { rules: given }),
    })
    return { name, node, titles: titlesOf(node) }
  }
})

it('two nodes that watch one file of rules go over to others while they run, and agree again', async () => {
  const folder = tempFolder()
  const [path, next] = [join(folder, 'rules.yaml'), join(folder, 'next.yaml')]
  writeFileSync(path, 'fallback: additive\n')
  const hub = await MemoryStore.open({ node: 'hub' })
  const all = await Promise.all(['phone', 'laptop'].map(watching))
  for (const { node, name } of all)
    await node.append([{ type: 'TitleSet', aggregateId: 'note', data: name }])
  for (const { node } of [...all, ...all]) await node.sync()
  const before = await Promise.all(all.map(seenBy))
  expect(before[0]?.toSorted()).toEqual(['laptop', 'phone'])

  for (const content of ['fallback: last-write-wins\n', 'fallback: first-write-wins\n']) {
    const changes = Promise.all(all.map(({ node }) => changeOf(node)))
    writeFileSync(next, content)
    renameSync(next, path)
    const [one, other] = await changes
    expect(one).toEqual(other)
    expect(one?.readModels).toEqual(['titles'])
    const at = content.includes('last') ? -1 : 0
    const winner = [before[0]?.at(at)]
    expect(await Promise.all(all.map(seenBy))).toEqual([winner, winner])
    expect(all.map(({ watch }) => watch.rules.hash)).toEqual([one?.after, one?.after])
  }
  for (const { node, watch } of all) {
    await watch.close()
    await node.close()
  }

  async function watching(name: string) {
    let given: SyncNode | undefined
    const watch = await watchRules(path, (rules) => given?.useRules(rules), { debounce: 5 })
    const store = await SqliteStore.open({ path: join(folder, `${name}.db`), node: name })
    const node = new SyncNode({ store, transport: memoryTransport(hub), rules: watch.rules })
    given = node
    return { name, node, watch, titles: titlesOf(node) }
  }
})

/** What the read model of a node shows, which is what its history says. */
async function seenBy({ node, titles }: Seen): Promise<readonly unknown[] | undefined> {
  await titles.run()
  const shown = await titles.get('note')
  expect((await node.history('note')).map(({ data }) => data)).toEqual(shown)
  return shown
}

function titlesOf(node: SyncNode) {
  return node.project({
    name: 'titles',
    initial: [] as unknown[],
    on: { TitleSet: (known: unknown[], { data }: { data: unknown }) => [...known, data] },
  })
}

function changeOf(node: SyncNode): Promise<RulesChange> {
  return new Promise((resolve) => {
    const stop = node.onRulesChange((change) => {
      stop()
      resolve(change)
    })
  })
}

interface Seen {
  readonly node: SyncNode
  readonly titles: {
    run(): Promise<unknown>
    get(key: string): Promise<readonly unknown[] | undefined>
  }
}
