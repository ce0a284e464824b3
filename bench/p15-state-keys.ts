import { openState } from '../src/state/index.ts'
import { SqliteStateStorage } from '../src/store/sqlite/index.ts'
import type { Benchmark, Contestant, Parameters, Sample } from './benchmark.ts'
import { devicePath, deviceText } from './devices.ts'
import { openTuned } from './floor/tuned-database.ts'
import { Scratch } from './scratch.ts'
import { weight } from './weight.ts'
import { inBatches } from './workload.ts'

/** What many keys cost a tree with memory in front of its file: to open it, and to hold it. */
export const stateKeys: Benchmark = {
  id: 'P15',
  title: 'keys of a tree',
  cases(scale) {
    const objects = Math.ceil(100_000 * scale)
    const count = objects.toLocaleString('en')
    const of = (measured: 'time' | 'memory') => ({
      ours: { side: 'ours', parameters: { objects, measured } },
      floor: { side: 'floor', label: 'rows read into a Map', parameters: { objects, measured } },
      aim: { of: measured },
    })
    return [
      { name: 'opening', work: `open a tree of ${count} objects in SQLite`, ...of('time') },
      { name: 'memory', work: `hold ${count} objects, path and data included`, ...of('memory') },
    ]
  },
  sides: { ours, floor },
}

async function ours(parameters: Parameters): Promise<Contestant> {
  const open = async (path: string) => {
    const tree = await openState({ storage: await SqliteStateStorage.open({ path }) })
    return {
      held: async () => (await tree.keys({ limit: 1 })).total,
      close: () => tree.close(),
    }
  }
  return opening(parameters, open)
}

async function floor(parameters: Parameters): Promise<Contestant> {
  const open = async (path: string) => {
    const { db } = openTuned(path, 'full')
    const select = db.prepare('SELECT path, created, updated, data FROM rejoin_rows')
    select.setReadBigInts(true)
    const rows = new Map<unknown, object>()
    for (const row of select.iterate()) rows.set(row.path, { ...row })
    return { held: async () => rows.size, close: async () => db.close() }
  }
  return opening(parameters, open)
}

interface Opened {
  held(): Promise<number>
  close(): Promise<void>
}

async function opening(
  { objects, measured }: Parameters,
  open: (path: string) => Promise<Opened>,
): Promise<Contestant> {
  const scratch = new Scratch()
  const path = scratch.path('state.db')
  await fill(path, Number(objects))
  const weighed = async () => (measured === 'memory' ? await weight() : 0)
  return {
    async round(): Promise<Sample> {
      const before = await weighed()
      const begin = performance.now()
      const opened = await open(path)
      const milliseconds = performance.now() - begin
      const bytes = (await weighed()) - before
      const held = await opened.held()
      await opened.close()
      if (held !== objects) throw new Error(`${held} objects are held instead of ${objects}`)
      const each = Math.round(bytes / held)
      return measured === 'memory'
        ? { events: held, milliseconds, bytes, notes: { 'bytes an object': each } }
        : { events: held, milliseconds, notes: { objects: held } }
    },
    close: async () => scratch[Symbol.dispose](),
  }
}

async function fill(path: string, objects: number): Promise<void> {
  const storage = await SqliteStateStorage.open({ path, durability: 'normal' })
  await using tree = await openState({ storage })
  const all = Array.from({ length: objects }, (_, device) => ({
    set: devicePath(device),
    data: JSON.parse(deviceText(device)) as unknown,
  }))
  for (const writes of inBatches(all, 1_000)) await tree.write(writes)
}
