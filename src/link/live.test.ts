import { describe, expect, it } from 'vitest'
import { copyOf, eventsOf, expectSame, idsOf, machine, write } from '../../test/fleet.ts'
import { level, lineTo, linked, phase, until } from '../../test/linked.ts'
import { filterOf } from '../event/index.ts'
import { systemRuntime } from '../runtime/index.ts'
import { scriptedTransport } from '../testing/doubles/scripted.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { Link } from './index.ts'

describe('a link that is live', () => {
  it('brings what is committed there, and takes what is committed here, while no time passes', async () => {
    const { laptop, hub, link, runtime } = await linked()
    await write(laptop, 'a', 'l1')
    await write(hub, 'b', 'h1')
    link.start()
    await phase(link, 'live')
    await expectSame(laptop, hub)
    const began = runtime.now()
    for (let n = 2; n < 10; n++) {
      await write(hub, 'b', `h${n}`)
      await write(laptop, 'a', `l${n}`)
    }
    await level(laptop, hub)
    await expectSame(laptop, hub)
    expect(runtime.now()).toBe(began)
    expect(link.phase).toBe('live')
    expect(link.statistics).toMatchObject({ pushed: 9, pulled: 9, streams: 1, failures: 0 })
    await link.close()
  })

  it('tells what pages and pushes have moved', async () => {
    const moved = { pushed: 0, pulled: 0 }
    const { laptop, hub, link } = await linked({
      onMoved: (one) => {
        moved.pushed += one.pushed
        moved.pulled += one.pulled
      },
    })
    link.start()
    await phase(link, 'live')
    await write(laptop, 'a', 'l1', 'l2')
    await write(hub, 'b', 'h1')
    await until(() => moved.pushed === 2 && moved.pulled === 1)
    await link.close()
  })

  it('S2: whose stream is lost tries again after a wait, and lacks nothing', async () => {
    const { laptop, hub, link, line, runtime } = await linked()
    link.start()
    await phase(link, 'live')
    line.cut()
    await phase(link, 'waiting')
    await write(laptop, 'a', 'l1')
    await write(hub, 'b', 'h1')
    runtime.pass(999)
    await phase(link, 'waiting')
    runtime.pass(1)
    await until(() => link.statistics.failures === 2)
    line.heal()
    runtime.pass(2_000)
    await phase(link, 'live')
    await level(laptop, hub)
    expect(link.statistics).toMatchObject({ streams: 2, failures: 2 })
    await link.close()
  })

  it('waits from the shortest again only after a stream that has lasted', async () => {
    const { link, line, runtime } = await linked({}, { random: () => 1 })
    const breaks = async (after: number) => {
      await phase(link, 'live')
      runtime.pass(after)
      line.cut()
      await phase(link, 'waiting')
      line.heal()
      const { blocked } = await link.explain()
      return (blocked?.nextAttempt as number) - runtime.now()
    }
    link.start()
    const waits: number[] = []
    for (const lasted of [0, 0, 9_999, 10_000, 0]) {
      waits.push(await breaks(lasted))
      runtime.pass(waits.at(-1) as number)
    }
    expect(waits).toEqual([2_000, 4_000, 8_000, 2_000, 4_000])
    await link.close()
  })

  it('looks now and then whether the stream has kept its word', async () => {
    const hub = await machine('hub')
    const whole = memoryTransport(hub.store)
    const silent = {
      ...whole,
      async *subscribe(...args: Parameters<NonNullable<typeof whole.subscribe>>) {
        for await (const page of whole.subscribe?.(...args) ?? []) {
          yield page
          await new Promise((_, reject) => args[2].addEventListener('abort', reject))
        }
      },
    }
    const { laptop, link, runtime } = await linked({ transport: silent, guard: 60_000 }, { hub })
    link.start()
    await phase(link, 'live')
    await write(hub, 'a', 'h1')
    runtime.pass(56_999)
    expect(await idsOf(laptop)).toEqual([])
    runtime.pass(1)
    await level(laptop, hub)
    await until(() => link.statistics.rounds === 2)
    await write(hub, 'a', 'h2')
    link.nudge()
    await level(laptop, hub)
    expect(link.phase).toBe('live')
    await link.close()
    expect(runtime.pending).toBe(0)
  })

  it('looks once at a time, however many hints come', async () => {
    const { link } = await linked()
    link.start()
    await phase(link, 'live')
    const { rounds } = link.statistics
    for (let n = 0; n < 5; n++) link.nudge()
    await until(() => link.statistics.rounds > rounds)
    for (let turn = 0; turn < 50; turn++) await new Promise((next) => setImmediate(next))
    expect(link.statistics.rounds).toBe(rounds + 1)
    link.nudge()
    await until(() => link.statistics.rounds === rounds + 2)
    await link.close()
  })

  it('misses no commit, also of a store that tells only who is waiting', async () => {
    const { laptop, hub, line, runtime } = await linked()
    const waiting = new Set<() => void>()
    const replica = new Proxy(laptop.store, {
      get(store, name) {
        if (name === 'watch') return watch
        const member: unknown = Reflect.get(store, name)
        if (typeof member !== 'function') return member
        if (name !== 'append') return member.bind(store)
        return async (...args: unknown[]) => {
          const answer = await member.apply(store, args)
          for (const wake of waiting) wake()
          waiting.clear()
          return answer
        }
      },
    })
    function watch(signal: AbortSignal): AsyncIterable<void> {
      const next = () =>
        new Promise<IteratorResult<void>>((resolve) => {
          const done = () => resolve({ done: signal.aborted, value: undefined })
          waiting.add(done)
          signal.addEventListener('abort', done)
        })
      return { [Symbol.asyncIterator]: () => ({ next }) }
    }
    // A commit while each push is under way: nobody waits for the next one then.
    let pushes = 0
    const transport = {
      ...line.transport,
      async push(...args: Parameters<typeof line.transport.push>) {
        const answer = await line.transport.push(...args)
        if (pushes++ < 10) await write({ ...laptop, store: replica }, 'a', `during-${pushes}`)
        return answer
      },
    }
    const link = new Link({ replica, transport, runtime })
    link.start()
    await phase(link, 'live')
    await write({ ...laptop, store: replica }, 'a', 'first')
    await until(async () => (await idsOf(hub)).length === 11)
    await link.close()
  })

  it('goes on from where somebody else has come to, without a greeting', async () => {
    const { laptop, hub, line, runtime } = await linked()
    const { transport } = line
    let gate = Promise.withResolvers<void>()
    const held = {
      ...transport,
      async *subscribe(...args: Parameters<NonNullable<typeof transport.subscribe>>) {
        let pages = 0
        for await (const page of transport.subscribe?.(...args) ?? []) {
          if (pages++ > 0) await gate.promise
          yield page
        }
      },
    }
    const link = new Link({ replica: laptop.store, transport: held, runtime })
    link.start()
    await phase(link, 'live')
    await write(hub, 'a', 'h1')
    for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next))
    await write(hub, 'a', 'h2')
    // What the stream holds back, another sync brings, and more.
    await link.syncNow()
    expect(await idsOf(laptop)).toEqual(['h1', 'h2'])
    await write(laptop, 'b', 'l1')
    await until(async () => (await idsOf(hub)).includes('l1'))
    const hellos = () => line.calls.filter((call) => call === 'hello').length
    const before = hellos()
    gate.resolve()
    gate = Promise.withResolvers<void>()
    gate.resolve()
    await until(() => line.calls.filter((call) => call === 'subscribe').length === 2)
    await write(hub, 'a', 'h3')
    await level(laptop, hub)
    expect(hellos()).toBe(before)
    expect(link.transitions.map(({ event }) => event)).toEqual(['start', 'greeted', 'joined'])
    await link.close()
  })

  it('lets go of a stream that it does not go on with, also when nothing comes of that any more', async () => {
    const { laptop, hub, line, runtime } = await linked()
    const { transport } = line
    const [gate, never] = [Promise.withResolvers<void>(), new Promise<void>(() => {})]
    const signals: AbortSignal[] = []
    const held = {
      ...transport,
      async *subscribe(...args: Parameters<NonNullable<typeof transport.subscribe>>) {
        const isFirst = signals.push(args[2]) === 1
        let pages = 0
        for await (const page of transport.subscribe?.(...args) ?? []) {
          if (isFirst && pages > 0) await (pages === 1 ? gate.promise : never)
          pages++
          yield page
        }
      },
    }
    const link = new Link({ replica: laptop.store, transport: held, runtime })
    link.start()
    await phase(link, 'live')
    await write(hub, 'a', 'h1')
    for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next))
    await write(hub, 'a', 'h2')
    // What the stream holds back, another sync brings, and more.
    await link.syncNow()
    gate.resolve()
    await until(() => signals.length === 2)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    await write(hub, 'a', 'h3')
    await level(laptop, hub)
    await link.close()
  })

  it('pushes on without a new stream when somebody else has pushed meanwhile', async () => {
    const { laptop, hub, line, runtime } = await linked()
    const transport = scriptedTransport(line.transport)
    const link = new Link({ replica: laptop.store, transport, runtime })
    link.start()
    await phase(link, 'live')
    const gate = transport.script.hold('push', { nth: 1 })
    await write(laptop, 'a', 'l1')
    await gate.reached
    const twin = new Link({ replica: laptop.store, transport: line.transport, runtime })
    await twin.syncNow()
    await write(laptop, 'a', 'l2')
    await twin.syncNow()
    expect(await idsOf(hub)).toEqual(['l1', 'l2'])
    gate.release()
    await write(laptop, 'a', 'l3')
    await level(laptop, hub)
    expect(line.calls.filter((call) => call === 'subscribe')).toHaveLength(1)
    expect(link.phase).toBe('live')
    expect(link.statistics).toMatchObject({ failures: 0, streams: 1 })
    await link.close()
    await twin.close()
  })

  it('takes a stream that just ends for one that was lost', async () => {
    const { laptop, line, runtime } = await linked()
    const { transport } = line
    const ending = {
      ...transport,
      async *subscribe(...args: Parameters<NonNullable<typeof transport.subscribe>>) {
        for await (const page of transport.subscribe?.(...args) ?? []) {
          yield page
          return
        }
      },
    }
    const link = new Link({ replica: laptop.store, transport: ending, runtime })
    link.start()
    await phase(link, 'waiting')
    expect((await link.explain()).blocked).toMatchObject({ cause: 'unreachable' })
    await link.close()
  })

  it('greets once more when the other end is not what it was, and both lose nothing (S4)', async () => {
    const { laptop, hub, link, line, runtime } = await linked()
    link.start()
    await phase(link, 'live')
    await write(laptop, 'a', 'l1', 'l2')
    await level(laptop, hub)
    await link.close()
    // The hub is an older backup from now on, at the same address.
    const older = await copyOf(hub, 2)
    const again = new Link({
      replica: laptop.store,
      transport: lineTo(memoryTransport(older.store)).transport,
      runtime,
    })
    again.start()
    await phase(again, 'live')
    await write(older, 'b', 'o1')
    await level(laptop, older)
    await expectSame(laptop, older)
    line.heal()
    await again.close()
  })

  it('starts over when the stream says reset', async () => {
    const { laptop, hub, link, line } = await linked()
    const { transport } = line
    let resets = 0
    const resetting = new Link({
      replica: laptop.store,
      transport: {
        ...transport,
        async *subscribe(...args) {
          for await (const page of transport.subscribe?.(...args) ?? []) {
            yield page
            if (resets++ === 0) yield { kind: 'reset' }
          }
        },
      },
    })
    resetting.start()
    await until(() => resets > 1)
    await phase(resetting, 'live')
    await write(hub, 'a', 'h1')
    await write(laptop, 'a', 'l1')
    await level(laptop, hub)
    const events = resetting.transitions.map(({ event }) => event)
    expect(events.filter((event) => event === 'again')).toHaveLength(1)
    await resetting.close()
    await link.close()
  })

  it('that finds the other end changed without end waits, as after any failure', async () => {
    const { laptop, link, line, runtime } = await linked()
    const { transport } = line
    const confused = new Link({
      replica: laptop.store,
      runtime,
      transport: {
        ...transport,
        async *subscribe() {
          yield { kind: 'reset' as const }
        },
      },
    })
    confused.start()
    await phase(confused, 'waiting')
    expect((await confused.explain()).blocked).toMatchObject({ cause: 'unsettled' })
    await confused.close()
    await link.close()
  })

  it('does not offer what is parked again with every commit', async () => {
    const { laptop, hub, link, line } = await linked()
    await write(hub, 'a', 'same')
    await laptop.store.append([{ id: 'same', type: 'other', aggregateId: 'b', data: 1 }])
    link.start()
    await phase(link, 'live')
    expect((await link.explain()).parked).toMatchObject([{ id: 'same', reason: 'id_conflict' }])
    const pushes = () => line.calls.filter((call) => call === 'push').length
    const before = pushes()
    await write(laptop, 'c', 'l1')
    await until(async () => (await idsOf(hub)).includes('l1'))
    expect(pushes()).toBe(before + 1)
    await link.close()
  })

  it('shares its log with another process that follows the same remote', async () => {
    const { laptop, hub, link, line, runtime } = await linked()
    const twin = new Link({ replica: laptop.store, transport: line.transport, runtime })
    link.start()
    twin.start()
    await Promise.all([phase(link, 'live'), phase(twin, 'live')])
    for (let n = 0; n < 20; n++) {
      await write(laptop, `a${n % 3}`, `l${n}`)
      await write(hub, `b${n % 3}`, `h${n}`)
    }
    await level(laptop, hub)
    await expectSame(laptop, hub)
    for (const one of [link, twin]) {
      await phase(one, 'live')
      expect(one.statistics.failures).toBe(0)
    }
    await link.close()
    await twin.close()
    expect((await laptop.store.status()).clashes).toBe(0n)
  })

  it('moves only what its filter lets through, both ways', async () => {
    const filter = filterOf({ types: ['noted'] }, systemRuntime, { operation: 't', component: 't' })
    const { laptop, hub, link } = await linked({ filter })
    link.start()
    await phase(link, 'live')
    await laptop.store.append([{ id: 'l1', type: 'secret', aggregateId: 'a' }])
    await write(laptop, 'a', 'l2')
    await hub.store.append([{ id: 'h1', type: 'secret', aggregateId: 'b' }])
    await write(hub, 'b', 'h2')
    await until(async () => (await eventsOf(laptop)).length === 4)
    await until(async () => (await eventsOf(hub)).length === 4)
    const content = async (of: typeof hub) =>
      (await eventsOf(of)).filter(({ stub }) => stub === null).map(({ id }) => id)
    expect((await content(hub)).toSorted()).toEqual(['h1', 'h2', 'l2'])
    expect((await content(laptop)).toSorted()).toEqual(['h2', 'l1', 'l2'])
    await link.close()
  })

  it.each([
    ['pushes only', { push: true, pull: false }, ['h1', 'l1'], ['l1']],
    ['pulls only', { push: false, pull: true }, ['h1'], ['h1', 'l1']],
  ])('%s, when that is its direction', async (_, directions, there, here) => {
    const { laptop, hub, link, runtime } = await linked({ directions })
    link.start()
    await phase(link, directions.pull ? 'live' : 'polling')
    await write(hub, 'b', 'h1')
    await write(laptop, 'a', 'l1')
    runtime.pass(250)
    await until(async () => {
      runtime.pass(0)
      const [ours, theirs] = [await idsOf(laptop), await idsOf(hub)]
      return ours.length === here.length && theirs.length === there.length
    })
    expect((await idsOf(laptop)).toSorted()).toEqual(here)
    expect((await idsOf(hub)).toSorted()).toEqual(there)
    await link.close()
  })
})
