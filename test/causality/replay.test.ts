import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { SqliteStore } from '../../src/store/sqlite/index.ts'
import { reasonToSkip } from '../skips.ts'
import { report, scaled, scratch, seed } from '../torture/torture.ts'
import { Ancestors } from './ancestors.ts'
import { costsOf, openTwo } from './cost.ts'
import { generatedGraph } from './generated.ts'
import { type Graph, shapeOf } from './graph.ts'
import { isRecorded, recordedGraph } from './recorded.ts'
import { replay } from './replay.ts'
import { expectSameConcurrency, expectSameGraph, expectSameLogs } from './same-graph.ts'

/** How much of a long session is replayed. */
const length = scaled({
  full: { inMemory: 26_078, inFiles: 26_078 },
  sample: { inMemory: 1_500, inFiles: 400 },
})
const limit = { timeout: 300_000 }

/** As many edits, forks and merges as two people made who were recorded. */
const alike = generatedGraph({
  seed: 'two people',
  edits: 26_078,
  agents: 2,
  hears: 0.25,
  turn: 10,
})

describe('two people who typed at once, as it was recorded', () => {
  const lacks = reasonToSkip('causality', 'recorded')

  it(
    'C1, S1: come to the recorded graph when they sync at its forks and merges',
    limit,
    async (context) => {
      if (!isRecorded) context.skip(lacks)
      const graph = recordedGraph()
      expect(shapeOf(graph)).toMatchObject({
        edits: 26_078,
        agents: 2,
        forks: 2_258,
        merges: 2_258,
      })
      const part = graph.slice(0, length.inMemory)
      await expectReplayed(part)
      console.log(`recorded: ${await costsOf(part)}`)
    },
  )

  it('C1, S1: do so in files as well', limit, async (context) => {
    if (!isRecorded) context.skip(lacks)
    await expectReplayedInFiles(recordedGraph())
  })
})

describe('two people whose session is drawn', () => {
  it(
    'C1, S1: come to its graph, at the length and with the forks of the recorded one',
    limit,
    async () => {
      const { edits, forks, merges } = shapeOf(alike)
      expect(edits).toBe(26_078)
      expect(Math.min(forks, merges)).toBeGreaterThan(2_000)
      const part = alike.slice(0, length.inMemory)
      await expectReplayed(part)
      console.log(`drawn: ${await costsOf(part)}`)
    },
  )

  it('C1, S1: do so in files as well', limit, async () => {
    await expectReplayedInFiles(alike)
  })
})

it('C1, S1: any number of people come to the graph that was drawn for them', limit, async () => {
  const seen = {
    sessions: 0,
    merges: 0,
    crossed: 0,
    'of three and more': 0,
    pairs: 0,
    concurrent: 0,
  }
  const sessions = scaled({ full: 1_000, sample: 40 })
  for (; seen.sessions < sessions; seen.sessions++) {
    const graph = generatedGraph({
      seed: `${seed}/${seen.sessions}`,
      edits: 100,
      agents: 2 + (seen.sessions % 4),
      hears: [0.1, 0.2, 0.4][seen.sessions % 3]!,
      turn: 2,
    })
    seen.merges += shapeOf(graph).merges
    seen.crossed += crossedIn(graph)
    seen['of three and more'] += graph.filter(({ parents }) => parents.length > 2).length
    const { pairs, concurrent } = await expectReplayed(graph)
    seen.pairs += pairs
    seen.concurrent += concurrent
  }
  const least = {
    concurrent: 0.3 * seen.pairs,
    merges: sessions,
    crossed: sessions,
    'of three and more': sessions / 4,
  }
  report('drawn sessions', seen, least)
})

it('the check notices when somebody knew more, or less, than was recorded', async () => {
  const graph = alike.slice(0, 500)
  const merge = graph.findIndex(({ parents }) => parents.length > 1)
  const { edits } = await replay(graph, await openTwo())
  const changed = (parents: readonly number[]): Graph =>
    graph.with(merge, { ...graph[merge]!, parents })
  for (const parents of [graph[merge]!.parents.slice(1), [merge - 1]])
    expect(() => expectSameGraph(changed(parents), edits)).toThrow()
  expectSameGraph(graph, edits)
})

async function expectReplayed(graph: Graph) {
  const { agents } = shapeOf(graph)
  const opening = Array.from({ length: agents }, (_, at) =>
    MemoryStore.open({ node: `node-${at}` }),
  )
  const nodes = await Promise.all(opening)
  const { edits } = await replay(graph, nodes)
  const ancestors = new Ancestors(graph)
  expectSameGraph(graph, edits, ancestors)
  await expectSameLogs(graph, edits, nodes)
  return expectSameConcurrency(ancestors, nodes[0]!)
}

/** Pairs of merges that lie crosswise. */
function crossedIn(graph: Graph): number {
  const ancestors = new Ancestors(graph)
  const merges = graph.flatMap(({ parents }, at) => (parents.length > 1 ? [at] : []))
  const pairs = merges.flatMap((one, rank) =>
    merges.slice(rank + 1).map((other) => [one, other] as const),
  )
  return pairs.filter(([one, other]) => ancestors.areCrossed(one, other)).length
}

async function expectReplayedInFiles(whole: Graph): Promise<void> {
  const graph = whole.slice(0, length.inFiles)
  using folder = scratch({ inMemory: true })
  const open = (node: string) => SqliteStore.open({ path: join(folder.path, `${node}.db`), node })
  await using left = await open('left')
  await using right = await open('right')
  const { edits } = await replay(graph, [left, right])
  expectSameGraph(graph, edits)
  await expectSameLogs(graph, edits, [left, right])
}
