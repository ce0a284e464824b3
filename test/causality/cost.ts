import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { machineLine, thisMachine } from '../../bench/machine.ts'
import { causalityOf } from '../../src/conflict/index.ts'
import { foreignEvent, type Origin } from '../../src/event/index.ts'
import { systemRuntime } from '../../src/runtime/index.ts'
import { MemoryStore } from '../../src/store/memory/index.ts'
import type { Graph } from './graph.ts'
import { eventOf, replay } from './replay.ts'
import { eventsOf } from './same-graph.ts'

/**
 * What a replay costs beside the same edits without causality, one at a time into one log, as they come from elsewhere;
 * and beside one writer who meets nobody: causality without forks. Taken in turns. For reading, not a test.
 */
export async function costsOf(graph: Graph): Promise<string> {
  const bare: Cost<unknown>[] = []
  const alone: Cost<unknown>[] = []
  const together: Cost<Together>[] = []
  const causality: Cost<unknown>[] = []
  await replay(graph.slice(0, 3_000), await openTwo())
  await takenIn(graph.slice(0, 3_000))
  for (let turn = 0; turn < turns; turn++) {
    bare.push(await cost(() => takenIn(graph)))
    alone.push(await cost(() => appended(graph)))
    const both = await cost(() => replayed(graph))
    const events = await eventsOf(both.result.nodes[0]!)
    causality.push(await cost(async () => causalityOf(events)))
    together.push(both)
  }
  const [last] = together.slice(-1)
  const appending = together.map(({ result }) => result.appending)
  return [
    `${graph.length} edits, ${last?.result.syncs} syncs up to a position, medians of ${turns}`,
    `without causality ${told(bare)}`,
    `one writer ${told(alone)}`,
    `two nodes ${told(together)}, of it ${ms(median(appending))} appending`,
    `their causality ${told(causality)}`,
    machineLine(thisMachine()),
  ].join('; ')
}

export async function openTwo(): Promise<MemoryStore[]> {
  return [await MemoryStore.open({ node: 'left' }), await MemoryStore.open({ node: 'right' })]
}

interface Cost<T> {
  readonly result: T
  readonly milliseconds: number
  /** What it keeps. */
  readonly bytes: number
}

async function cost<T>(work: () => Promise<T>): Promise<Cost<T>> {
  const before = heapUsed()
  const began = performance.now()
  const result = await work()
  const milliseconds = performance.now() - began
  return { result, milliseconds, bytes: heapUsed() - before }
}

const turns = 5

async function takenIn(graph: Graph): Promise<MemoryStore> {
  const store = await MemoryStore.open()
  const via = 'elsewhere~0123456789abcdef' as Origin
  for (const [at, edit] of graph.entries()) {
    const { data, ...event } = eventOf(edit, at)
    const content = { ...event, metadataText: '', dataText: JSON.stringify(data) }
    const changes = [foreignEvent(content, systemRuntime)]
    await store.apply({ via, role: 'pushed', changes })
  }
  return store
}

async function appended(graph: Graph): Promise<MemoryStore> {
  const store = await MemoryStore.open()
  for (const [at, edit] of graph.entries()) await store.append([eventOf(edit, at)])
  return store
}

interface Together {
  readonly nodes: readonly MemoryStore[]
  readonly appending: number
  readonly syncs: number
}

async function replayed(graph: Graph): Promise<Together> {
  const nodes = await openTwo()
  const { appending, pulls, pushes } = await replay(graph, nodes)
  return { nodes, appending, syncs: pulls + pushes }
}

function told(costs: readonly Cost<unknown>[]): string {
  const mebibytes = median(costs.map(({ bytes }) => bytes)) / 2 ** 20
  return `${ms(median(costs.map(({ milliseconds }) => milliseconds)))} and ${mebibytes.toFixed(1)} MiB`
}

function median(figures: readonly number[]): number {
  return figures.toSorted((one, other) => one - other)[Math.floor(figures.length / 2)] as number
}

function ms(milliseconds: number): string {
  return `${milliseconds.toFixed(0)} ms`
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}
