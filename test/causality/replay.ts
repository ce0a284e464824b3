import { expect } from 'vitest'
import type { Appended, EventStore, Transport } from '../../src/contracts/index.ts'
import type { EventId, LogEvent } from '../../src/event/index.ts'
import { type LinkOptions, syncOnce } from '../../src/link/index.ts'
import { memoryTransport } from '../../src/transport/memory/index.ts'
import { parseCursor } from '../../src/version/index.ts'
import { storeUpTo, transportUpTo } from './bounded.ts'
import type { Edit, Graph } from './graph.ts'

/** What became of an edit, where it was written. */
export interface Replayed {
  readonly event: LogEvent
  /** The heads before and after it was appended. */
  readonly before: readonly EventId[]
  readonly after: readonly EventId[]
  /** Its position in its writer's log. */
  readonly position: bigint
}

export interface Replay {
  readonly edits: readonly Replayed[]
  readonly pulls: number
  readonly pushes: number
  /** Milliseconds. */
  readonly appending: number
  readonly syncing: number
}

/**
 * One node for each agent. Before an edit its node hears, over a link, of each recorded parent it lacks: it
 * pulls from the parent's writer, or is pushed to, up to where that edit stands in the writer's log. Nobody
 * tells the node any parents.
 */
export async function replay(graph: Graph, nodes: readonly EventStore[]): Promise<Replay> {
  const links = new Links(nodes)
  const edits: Replayed[] = []
  let [appending, syncing] = [0, 0]
  for (const [at, edit] of graph.entries()) {
    const began = performance.now()
    for (const parent of edit.parents) {
      const { agent } = graph[parent]!
      await links.carry(agent, edit.agent, idOf(parent), edits[parent]!.position)
    }
    const store = nodes[edit.agent]!
    const before = await store.heads(document)
    const synced = performance.now()
    const { events } = (await store.append([eventOf(edit, at)])) as Appended
    const appended = performance.now()
    const { end } = await store.identity()
    const after = await store.heads(document)
    edits.push({ event: events[0]!, before, after, position: parseCursor(end)!.position })
    appending += appended - synced
    syncing += synced - began
  }
  await links.settle()
  return { edits, pulls: links.pulls, pushes: links.pushes, appending, syncing }
}

export const document = 'document'

export function idOf(at: number): EventId {
  return `edit-${at}` as EventId
}

export function eventOf({ data }: Edit, at: number) {
  return { id: idOf(at), type: 'Edited', aggregateId: document, data }
}

/** A link between every two nodes; the first of the two is the one that syncs. */
class Links {
  pulls = 0
  pushes = 0
  readonly #nodes: readonly EventStore[]
  readonly #transports: readonly Transport<LogEvent>[]

  constructor(nodes: readonly EventStore[]) {
    this.#nodes = nodes
    this.#transports = nodes.map((store) => memoryTransport(store))
  }

  /** All that `from` holds up to there reaches `to`, and nothing else; unless it is there. */
  async carry(from: number, to: number, last: EventId, position: bigint): Promise<void> {
    if (from === to) return
    if ((await this.#nodes[to]!.fetch([last])).length > 0) return
    const [store, there] = [this.#nodes[from]!, this.#nodes[to]!]
    if (to < from) {
      this.pulls++
      const transport = transportUpTo(this.#transports[from]!, last)
      await sync({ replica: there, transport, directions: { pull: true, push: false } })
      const { pulled } = await there.link((await store.identity()).origin)
      expect(parseCursor(pulled)?.position).toBe(position)
    } else {
      this.pushes++
      const replica = storeUpTo(store, last)
      const transport = this.#transports[to]!
      await sync({ replica, transport, directions: { push: true, pull: false } })
      const { pushed } = await store.link((await there.identity()).origin)
      expect(parseCursor(pushed)?.position).toBe(position)
    }
  }

  /** Everybody hears of everything: the first node meets all others, and then those it met before it had all. */
  async settle(): Promise<void> {
    const [replica, ...others] = this.#nodes
    for (const there of [...others, ...others.slice(0, -1)])
      await sync({ replica: replica!, transport: this.#transports[this.#nodes.indexOf(there)]! })
  }
}

async function sync(options: LinkOptions<LogEvent>): Promise<void> {
  const { errors } = await syncOnce(options)
  expect(errors).toEqual([])
}
