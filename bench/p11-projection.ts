import { DatabaseSync } from 'node:sqlite'
import { Projections } from '../src/projection/index.ts'
import { SqliteStore } from '../src/store/sqlite/sqlite-store.ts'
import type { Benchmark, Case, Contestant, Parameters, Sample } from './benchmark.ts'
import { Scratch } from './scratch.ts'
import { filledStore } from './stores.ts'
import { newEvents } from './workload.ts'

/** A read model made from the whole log, and one key that hears of late events. */
export const projecting: Benchmark = {
  id: 'P11',
  title: 'projection rebuild',
  cases(scale) {
    const events = Math.ceil(1_000_000 * scale)
    const all = events.toLocaleString('en')
    const rebuild = (key: 'aggregate' | 'total' | 'customer', aim: Case['aim']): Case => ({
      name: `rebuild by ${key}`,
      work: `rebuild from ${all} events, keyed by ${names[key]}`,
      ours: { side: 'ours', parameters: { events, key } },
      floor: { side: 'floor', label: 'raw scan, JSON.parse, fold', parameters: { events, key } },
      aim,
      rounds: 3,
    })
    const late: Case = {
      name: 'late events',
      work: `fold 100 late events, one at a time, into one key of ${all}`,
      ours: { side: 'late', parameters: { events, every: 500 } },
      floor: { side: 'late', label: 'without checkpoints', parameters: { events, every: 1e9 } },
      aim: { of: 'time' },
      rounds: 3,
    }
    return [
      rebuild('aggregate', { of: 'speed', value: 0.6 }),
      rebuild('total', { of: 'speed' }),
      rebuild('customer', { of: 'speed' }),
      late,
    ]
  },
  sides: { ours, floor, late },
}

const names = {
  aggregate: 'aggregate (1,000)',
  total: 'one total',
  customer: 'customer (50,000, in the data)',
}

interface Data {
  readonly amount: number
  readonly customer: string
}
type Events = { MoneyDeposited: Data; MoneyWithdrawn: Data }
interface Account {
  readonly balance: number
  readonly movements: number
}

async function ours({ events, key }: Parameters): Promise<Contestant> {
  const scratch = new Scratch()
  const store = await filledStore(scratch.path('log.db'), newEvents(Number(events)))
  const projections = new Projections({ store })
  const accounts = projections.project<Events, Account>(optionsOf(String(key)))
  await accounts.run()
  return {
    async round(): Promise<Sample> {
      const begin = performance.now()
      await accounts.rebuild()
      const milliseconds = performance.now() - begin
      await expectAll(store, accounts.name)
      return { events: Number(events), milliseconds }
    },
    async close() {
      await projections.close()
      await store.close()
      scratch[Symbol.dispose]()
    },
  }
}

async function floor({ events, key }: Parameters): Promise<Contestant> {
  const scratch = new Scratch()
  const path = scratch.path('log.db')
  await (await filledStore(path, newEvents(Number(events)))).close()
  return {
    async round(): Promise<Sample> {
      const db = new DatabaseSync(path, { readOnly: true })
      const select = db.prepare(
        'SELECT types.name AS type, aggregates.name AS aggregate, data FROM events JOIN types ON types.key = events.type JOIN aggregates ON aggregates.key = aggregate ORDER BY position',
      )
      const begin = performance.now()
      const states = new Map<string, Account>()
      let read = 0
      for (const row of select.iterate()) {
        read++
        const data = JSON.parse(row.data as string) as Data
        const of = keys[String(key)]?.({ data }) ?? (row.aggregate as string)
        const state = states.get(of) ?? nothing
        if (row.type === 'MoneyDeposited') states.set(of, moved(state, data.amount))
        if (row.type === 'MoneyWithdrawn') states.set(of, moved(state, -data.amount))
      }
      const milliseconds = performance.now() - begin
      db.close()
      return { events: read, milliseconds, notes: { keys: states.size } }
    },
    close: async () => scratch[Symbol.dispose](),
  }
}

/** Each late event was written by another node a while ago, as after a day offline. */
async function late({ events, every }: Parameters): Promise<Contestant> {
  const scratch = new Scratch()
  const count = 100
  const away = await SqliteStore.open({ path: ':memory:' })
  const all = newEvents(Number(events))
  const before = Math.floor(all.length * 0.99)
  const path = scratch.path('log.db')
  await (await filledStore(path, all.slice(0, before))).close()
  // One key, and movements alone: each of them changes the total.
  for (let n = 0; n < count * 10; n++)
    await away.append([
      { type: 'MoneyDeposited', aggregateId: `away-${n}`, data: { amount: 1, customer: 'c' } },
    ])
  const lateOnes = (await away.entries({ count: count * 10 })).entries.map(({ event }) => event)
  const store = await SqliteStore.open({ path, durability: 'normal' })
  for (let at = before; at < all.length; at += 1_000)
    await store.append(all.slice(at, Math.min(at + 1_000, all.length)))
  const projections = new Projections({ store })
  const options = { ...optionsOf('total'), checkpointEvery: Number(every) }
  const total = projections.project<Events, Account>(options)
  await total.run()
  const rounds = [...lateOnes]
  return {
    async round(): Promise<Sample> {
      const left = Number(every) > Number(events) ? 3 : count
      let milliseconds = 0
      for (const event of rounds.splice(0, left)) {
        await store.apply({ via: peer as never, role: 'pulled', changes: [event] })
        const begin = performance.now()
        await total.run()
        milliseconds += performance.now() - begin
      }
      return { events: count, milliseconds: (milliseconds / left) * count }
    },
    async close() {
      await projections.close()
      await store.close()
      await away.close()
      scratch[Symbol.dispose]()
    },
  }
}

function optionsOf(key: string) {
  const of = keys[key]
  return {
    name: 'accounts',
    initial: nothing,
    ...(of && { key: of }),
    on: {
      MoneyDeposited: (account: Account, { data }: { data: Data }) => moved(account, data.amount),
      MoneyWithdrawn: (account: Account, { data }: { data: Data }) => moved(account, -data.amount),
    },
  }
}

const keys: Readonly<Record<string, ((event: { data: Data }) => string) | undefined>> = {
  total: () => 'total',
  customer: ({ data }) => data.customer,
}

function moved({ balance, movements }: Account, amount: number): Account {
  return { balance: balance + amount, movements: movements + 1 }
}

/** A round that folded something else has measured nothing. */
async function expectAll(store: SqliteStore, name: string): Promise<void> {
  const { end } = await store.identity()
  const head = JSON.parse((await store.projections.head(name)) ?? '{}')
  if (head.serving?.cursor !== end) throw new Error(`${name} ends at ${head.serving?.cursor}`)
}

const nothing: Account = { balance: 0, movements: 0 }
const peer = 'away~0123456789abcdef'
