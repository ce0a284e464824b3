import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EventStore, ProjectionSink } from '../contracts/index.ts'
import { systemRuntime } from '../runtime/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { SqliteStore } from '../store/sqlite/index.ts'
import { type Counting, counting } from './fixtures/counting.ts'
import { Life, mortal } from './fixtures/mortal.ts'
import { naiveFold } from './fixtures/naive.ts'
import { memorySink, Projections } from './index.ts'

describe.each([
  ['in memory', async () => ({ store: await MemoryStore.open(), sink: memorySink() })],
  [
    'in the file of the log',
    async () => {
      const store = await SqliteStore.open({ path: ':memory:' })
      return { store, sink: store.projections }
    },
  ],
])('a read model %s', (_, open) => {
  it.each([false, true])(
    'L4: killed at any call, after its effect: %s, loses and doubles nothing',
    async (after) => {
      let deaths = 0
      for (let call = 1; ; call++) {
        const { store, sink } = await open()
        const life = new Life(call, after)
        await append(store, 'first', 25)
        await live(store, sink, life)
        await append(store, 'second', 12)
        // The one it dies in may be a rebuild as well.
        const second = new Life(call, after)
        await live(store, sink, second, true)
        await expectNaive(store, sink)
        await store.close()
        deaths += Number(life.isOver) + Number(second.isOver)
        if (!life.isOver && !second.isOver) break
      }
      expect(deaths).toBeGreaterThan(40)
    },
    60_000,
  )

  it('two processes that fold the same log at once come to one result', async () => {
    const { store, sink } = await open()
    const [one, other] = [running(store, sink), running(store, sink)]
    for (let round = 0; round < 20; round++) {
      await append(store, `round ${round}`, 7)
      await Promise.all([one.run(), other.run()])
    }
    await Promise.all([one.close(), other.close()])
    await expectNaive(store, sink)
    await store.close()
  })
})

describe('a process that folds', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rejoin-folding-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('L1, L4: killed with kill -9 again and again, keeps read models and log in step, and forgets no effect', async () => {
    const path = join(folder, 'log.db')
    const stored = new Set<string>()
    const sent = new Map<string, number[]>()
    for (let life = 0; life < 6; life++) {
      const child = spawn(process.execPath, [program, path, `${life}`], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await killAfter(child, 15 + life * 37, stored, sent)
    }
    await using store = await SqliteStore.open({ path })
    const { events } = await store.status()
    expect(Number(events)).toBeGreaterThanOrEqual(stored.size)
    await expectNaive(store, store.projections)
    await using rest = new Projections({ store })
    const handler = async ({ event }: { event: { id: string } }) => {
      sent.set(event.id, sent.get(event.id) ?? [])
    }
    await rest.subscribe({ name: 'told', handler }).run()
    for (const id of stored) expect(sent.has(id), `${id} had its effect`).toBe(true)
    for (const tokens of sent.values()) expect(tokens).toEqual(tokens.toSorted((a, b) => a - b))
    expect(stored.size).toBeGreaterThan(20)
    expect(sent.size).toBeGreaterThan(20)
  }, 60_000)
})

/** Folds until it is done, or dead. */
async function live(
  store: EventStore,
  sink: ProjectionSink,
  life: Life,
  rebuild = false,
): Promise<void> {
  const projections = running(mortal(store, life), mortal(sink, life))
  const [first] = counting.map((one) => projections.project(one))
  await projections.run().catch(() => {})
  if (rebuild) await first!.rebuild().catch(() => {})
  await projections.close()
}

function running(store: EventStore, sink: ProjectionSink): Projections {
  // Nobody waits: what failed is tried again by whoever comes next.
  const projections = new Projections({ store, sink, runtime: systemRuntime })
  for (const one of counting) projections.project(one)
  return projections
}

async function append(store: EventStore, by: string, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, n) => ({
    type: 'Counted',
    aggregateId: `a${n % 3}`,
    data: { n, by },
  }))
  await store.append(events)
}

async function expectNaive(store: EventStore, sink: ProjectionSink): Promise<void> {
  const projections = running(store, sink)
  await projections.run()
  const { entries } = await store.entries({ count: 100_000 })
  const events = entries.map(({ event }) => event)
  for (const one of counting) {
    const found = await projections.project(one).list()
    const naive = naiveFold(
      events,
      ({ event }) => (one.name === 'total' ? 'total' : event.aggregateId),
      (state, { data }) => {
        const { sum, ids } = (state ?? { sum: 0, ids: 0 }) as { sum: number; ids: number }
        return { sum: sum + (data as Counting['Counted']).n, ids: ids + 1 }
      },
    )
    expect(Object.fromEntries(found.results.map(({ key, value }) => [key, value]))).toEqual(
      Object.fromEntries(naive),
    )
  }
  await projections.close()
}

/** Kills the child once it has said so many lines; notes what it said it had done. */
async function killAfter(
  child: ChildProcess,
  lines: number,
  stored: Set<string>,
  sent: Map<string, number[]>,
): Promise<void> {
  const exit = once(child, 'exit')
  let left = lines
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const [what, id = '', token = ''] = line.split(' ')
    if (what === 'stored') for (const one of line.split(' ').slice(1)) stored.add(one)
    if (what === 'sent') sent.set(id, [...(sent.get(id) ?? []), Number(token)])
    if (--left === 0) child.kill('SIGKILL')
  }
  await exit
}

const program = fileURLToPath(new URL('fixtures/folding-process.ts', import.meta.url))
