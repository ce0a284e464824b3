import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { causalityOf } from '../../src/conflict/index.ts'
import { MemoryStore } from '../../src/store/memory/index.ts'
import type { Graph } from './graph.ts'
import { eventOf, replay } from './replay.ts'
import { eventsOf } from './same-graph.ts'

/** What a replay costs beside the same edits appended by one writer who meets nobody. For reading, not a test. */
export async function costsOf(graph: Graph): Promise<string> {
  await replay(graph.slice(0, 3_000), await openTwo())
  const alone = await cost(async () => {
    const store = await MemoryStore.open()
    for (const [at, edit] of graph.entries()) await store.append([eventOf(edit, at)])
    return store
  })
  const together = await cost(async () => {
    const nodes = await openTwo()
    const { appending, pulls, pushes } = await replay(graph, nodes)
    return { nodes, appending, syncs: pulls + pushes }
  })
  const { nodes, appending, syncs } = together.result
  const events = await eventsOf(nodes[0]!)
  const causality = await cost(async () => causalityOf(events))
  return [
    `${graph.length} edits, ${syncs} syncs up to a position`,
    `one writer ${told(alone)}`,
    `two nodes ${told(together)}, of it ${ms(appending)} appending`,
    `their causality ${told(causality)}`,
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

function told({ milliseconds, bytes }: Cost<unknown>): string {
  return `${ms(milliseconds)} and ${(bytes / 2 ** 20).toFixed(1)} MiB`
}

function ms(milliseconds: number): string {
  return `${milliseconds.toFixed(0)} ms`
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}
