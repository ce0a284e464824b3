import { describe, expect, it } from 'vitest'
import { defineRules, historyOf } from '../conflict/index.ts'
import { stubOf } from '../event/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { handDriven } from '../transport/fixtures/hand-driven.ts'
import { Life, mortal } from './fixtures/mortal.ts'
import { elsewhere, until } from './fixtures/summing.ts'
import { memorySink, outbox, Projections, type SubscriptionOptions, subscription } from './index.ts'

type Events = { Set: { n: number } }

describe('a subscription', () => {
  it('tells in the order of the log, of what is new since the last time, also to the next process', async () => {
    const { store, sink } = await setUp()
    const told: string[] = []
    const handler: Handler = ({ kind, event }) => void told.push(`${kind} ${event.data.n}`)
    for (let life = 0; life < 3; life++) {
      await set(store, 'a', life * 2, life * 2 + 1)
      await using projections = new Projections({ store, sink })
      const one = projections.subscribe<Events>({ name: 'told', handler, batchSize: 1 })
      await one.run()
      expect(await one.status()).toMatchObject({ state: 'idle', lag: 0n, deadLetters: 0 })
    }
    expect(told).toEqual([0, 1, 2, 3, 4, 5].map((n) => `event ${n}`))
  })

  it('begins now, and with some types only, if it is told so', async () => {
    const { store, projections } = await setUp()
    const told: unknown[] = []
    const handler: Handler = ({ event }) => void told.push(event.data)
    await set(store, 'a', 1)
    const late = projections.subscribe<Events>({
      name: 'late',
      from: 'now',
      types: ['Set'],
      handler,
    })
    await late.run()
    await store.append([{ type: 'Other', aggregateId: 'a', data: 2 }])
    await set(store, 'a', 3)
    await late.run()
    expect(told).toEqual([{ n: 3 }])
  })

  it('tells of a stub when it is filled', async () => {
    const { store, projections } = await setUp()
    const away = await MemoryStore.open()
    await set(away, 'a', 1)
    const [full] = (await away.entries({})).entries.map(({ event }) => event)
    const told: number[] = []
    const handler: Handler = ({ event }) => void told.push(event.data.n)
    const one = projections.subscribe<Events>({ name: 'told', handler })
    await store.apply({ via: elsewhere, role: 'pulled', changes: [stubOf(full!)] })
    await one.run()
    expect(told).toEqual([])
    await store.apply({ via: elsewhere, role: 'pulled', changes: [full!] })
    await one.run()
    expect(told).toEqual([1])
  })

  it('tells of what a conflict leaves out, and of what comes back, once each', async () => {
    const { store, sink } = await setUp()
    const history = historyOf(defineRules({ fallback: 'last-write-wins' }))
    await using projections = new Projections({ store, sink, history, rules: 'last' })
    const told: string[] = []
    const handler: Handler = ({ kind, event }) => void told.push(`${kind} ${event.data.n}`)
    const one = projections.subscribe<Events>({ name: 'told', handler })
    await set(store, 'a', 1)
    await one.run()
    // Where stamps are the same, names decide.
    const knowsOne = await MemoryStore.open({ node: 'c' })
    await copy(store, knowsOne)
    const away = await MemoryStore.open({ node: 'b' })
    await set(away, 'a', 2)
    await copy(away, store)
    await one.run()
    // It goes on from the loser, and comes last: that branch wins after all.
    await set(knowsOne, 'a', 3)
    await copy(knowsOne, store)
    await one.run()
    await one.run()
    expect(told).toEqual([
      'event 1',
      'event 2',
      'superseded 1',
      'event 3',
      'reinstated 1',
      'superseded 2',
    ])
  })

  it('at least once: killed at any call, misses nothing and repeats no more than a batch', async () => {
    let most = 0
    for (let call = 1, isOver = true; isOver; call++) {
      const { store, sink } = await setUp()
      await set(store, 'a', ...Array.from({ length: 20 }, (_, n) => n))
      const told: number[] = []
      const handler: Handler = ({ event }) => void told.push(event.data.n)
      const life = new Life(call, call % 2 === 0)
      for (const alive of [life, undefined]) {
        const of = <T extends object>(one: T) => (alive ? mortal(one, alive) : one)
        const projections = new Projections({ store: of(store), sink: of(sink) })
        const one = projections.subscribe<Events>({ name: 'told', handler, batchSize: 3 })
        await one.run().catch(() => {})
        await projections.close()
      }
      expect([...new Set(told)].sort((a, b) => a - b)).toEqual(
        Array.from({ length: 20 }, (_, n) => n),
      )
      most = Math.max(most, told.length - 20)
      isOver = life.isOver
    }
    expect(most).toBe(3)
  })

  it('tries again what a handler throws over, and repeats nothing before it', async () => {
    const runtime = handDriven()
    const { store, sink } = await setUp()
    await using projections = new Projections({ store, sink, runtime })
    const told: number[] = []
    let isMended = false
    const handler: Handler = ({ event }) => {
      if (event.data.n === 2 && !isMended) throw new Error('no network')
      told.push(event.data.n)
    }
    const one = projections.subscribe<Events>({ name: 'told', handler })
    await set(store, 'a', 1, 2, 3)
    const run = one.run()
    await until(() => runtime.pending > 0)
    const status = await one.status()
    expect(status).toMatchObject({ state: 'waiting', lag: 3n })
    expect(status.error?.message).toContain('no network')
    isMended = true
    runtime.pass(100)
    await run
    expect(told).toEqual([1, 2, 3])
  })

  it('stops, or sets aside and goes on, if it is told so', async () => {
    const { store, projections } = await setUp()
    let isMended = false
    const told: number[] = []
    const handler: Handler = ({ event }) => {
      if (event.data.n === 2 && !isMended) throw new Error('unlucky')
      told.push(event.data.n)
    }
    await set(store, 'a', 1, 2, 3)
    const stopping = projections.subscribe<Events>({ name: 'stopping', handler, poison: 'stop' })
    await expect(stopping.run()).rejects.toThrow('unlucky')
    expect(await stopping.status()).toMatchObject({ state: 'stopped' })
    expect(told).toEqual([1])
    const lenient = { name: 'lenient', handler, poison: 'deadLetter' } as const
    const going = projections.subscribe<Events>(lenient)
    await going.run()
    expect(told).toEqual([1, 1, 3])
    expect(await going.deadLetters()).toMatchObject([{ type: 'Set', message: 'unlucky' }])
    expect(await going.retryDeadLetters()).toBe(0)
    isMended = true
    expect(await going.retryDeadLetters()).toBe(1)
    expect(await going.deadLetters()).toEqual([])
    await stopping.run()
    expect(told).toEqual([1, 1, 3, 2, 2, 3])
  })

  it('is refused when it makes no sense', () => {
    const handler = () => {}
    const wrong: readonly (readonly [object, string])[] = [
      [{ handler }, 'name is missing'],
      [{ name: 'a/b', handler }, 'name must be letters'],
      [{ name: 'a' }, 'handler is missing'],
      [{ name: 'a', handler, types: 'Set' }, 'types must be a list'],
      [{ name: 'a', handler, from: 'end' }, 'from must be "start" or "now"'],
      [{ name: 'a', handler, batchSize: 0 }, 'batchSize must be'],
    ]
    for (const [options, words] of wrong)
      expect(() => subscription(options as SubscriptionOptions<Events>)).toThrow(words)
  })
})

describe('an outbox', () => {
  it('runs an effect once, for however many ask at once', async () => {
    const box = outbox({ name: 'mails', sink: memorySink() })
    const tokens: number[] = []
    const asked = Array.from({ length: 5 }, () =>
      box.once('e1', ({ token }) => void tokens.push(token)).catch(({ code }) => code),
    )
    const outcomes = await Promise.all(asked)
    expect(tokens).toHaveLength(1)
    expect(outcomes.filter((one) => one === 'done')).toHaveLength(1)
    expect(await box.once('e1', () => expect.unreachable())).toBe('already')
    expect(await box.once('e2', ({ token }) => void tokens.push(token))).toBe('done')
    expect(tokens[1]).toBeGreaterThan(tokens[0]!)
  })

  it('lets another worker take over when the lease is over, with a greater token', async () => {
    const runtime = handDriven()
    const sink = memorySink()
    const [one, other] = [1, 2].map(() => outbox({ name: 'mails', sink, runtime, lease: 1_000 }))
    const tokens: number[] = []
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    let wasCalledOff = false
    const slow = one!.once('e1', async ({ token, signal }) => {
      tokens.push(token)
      signal.addEventListener('abort', () => {
        wasCalledOff = true
      })
      await gate
    })
    await until(() => tokens.length === 1)
    await expect(other!.once('e1', () => {})).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
    })
    runtime.pass(1_001)
    expect(wasCalledOff).toBe(true)
    expect(await other!.once('e1', ({ token }) => void tokens.push(token))).toBe('done')
    open()
    // Too late: it is not recorded twice, and its token is the lesser one.
    expect(await slow).toBe('lost')
    expect(tokens[1]).toBeGreaterThan(tokens[0]!)
  })

  it('may be asked again at once when the effect throws', async () => {
    const box = outbox({ name: 'mails', sink: memorySink() })
    const failing = box.once('e1', () => Promise.reject(new Error('no network')))
    await expect(failing).rejects.toThrow('no network')
    expect(await box.once('e1', () => {})).toBe('done')
  })

  it('killed at any call, runs an effect again only if its record was lost, and records it once', async () => {
    for (let call = 1, isOver = true; isOver; call++)
      for (const after of [false, true]) {
        const runtime = handDriven()
        const sink = memorySink()
        const life = new Life(call, after)
        const seen: number[] = []
        const effect = ({ token }: { token: number }) => void seen.push(token)
        await outbox({ name: 'm', sink: mortal(sink, life), runtime })
          .once('e', effect)
          .catch(() => {})
        runtime.pass(60_001)
        const outcome = await outbox({ name: 'm', sink, runtime }).once('e', effect)
        expect(seen.length).toBeGreaterThan(0)
        expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b))
        if (outcome === 'already') expect(seen).toHaveLength(1)
        expect(await outbox({ name: 'm', sink, runtime }).once('e', effect)).toBe('already')
        isOver = life.isOver
      }
  })
})

type Handler = SubscriptionOptions<Events>['handler']

async function setUp() {
  const store = await MemoryStore.open({ node: 'a' })
  const sink = memorySink()
  return { store, sink, projections: new Projections({ store, sink }) }
}

async function set(store: MemoryStore, aggregateId: string, ...numbers: number[]): Promise<void> {
  await store.append(numbers.map((n) => ({ type: 'Set', aggregateId, data: { n } })))
}

async function copy(from: MemoryStore, to: MemoryStore): Promise<void> {
  const changes = (await from.entries({})).entries.map(({ event }) => event)
  await to.apply({ via: elsewhere, role: 'pulled', changes })
}
