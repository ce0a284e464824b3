import { describe, expect, it } from 'vitest'
import {
  copyOf,
  eventsOf,
  expectSame,
  idsOf,
  type Machine,
  machine,
  sync,
  trySync,
  write,
} from '../../test/fleet.ts'
import type { PushBatch } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import { type EventFilter, type Filter, filterOf, type LogEvent } from '../event/index.ts'
import { systemRuntime } from '../runtime/index.ts'
import { testRuntime } from '../testing/acceptance/event-store/test-runtime.ts'
import { scriptedTransport } from '../testing/doubles/scripted.ts'
import { memoryTransport } from '../transport/memory/index.ts'

describe('two laptops that sync a part each, through a hub', () => {
  it('C1: get each other’s content as far as their filters go, and all of the causality', async () => {
    const { hub, one, other, x, y } = await fleet()
    await typed(one, 'x', 'one-x')
    await typed(one, 'y', 'one-y')
    expect(await sync(one, hub, { filter: x })).toMatchObject({ pushed: 1, pulled: 0 })
    await typed(other, 'y', 'other-y')
    expect(await sync(other, hub, { filter: y })).toMatchObject({ pushed: 1, pulled: 0 })
    expect(await contentOf(hub)).toEqual(['one-x', 'other-y'])
    expect(await contentOf(other)).toEqual(['other-y'])
    expect((await idsOf(other)).toSorted()).toEqual(['one-x', 'one-y', 'other-y'])
    expect((await other.store.heads('a')).toSorted()).toEqual(['one-y', 'other-y'])
    await sync(one, hub, { filter: x })
    expect((await one.store.heads('a')).toSorted()).toEqual(['one-y', 'other-y'])
    expect(await contentOf(one)).toEqual(['one-x', 'one-y'])
  })

  it('fill in, both ways, what a wider filter shows, and lose nothing by a narrower one', async () => {
    const { hub, one, other, x, y } = await fleet()
    await typed(one, 'x', 'one-x')
    await typed(one, 'y', 'one-y')
    await sync(one, hub, { filter: x })
    await sync(other, hub, { filter: y })
    expect(await contentOf(other)).toEqual([])
    expect(await sync(one, hub)).toMatchObject({ pushed: 1 })
    expect(await sync(other, hub)).toMatchObject({ pulled: 2 })
    await expectSame(one, hub, other)
    for (const filter of [x, y]) {
      expect(await sync(one, hub, { filter })).toMatchObject({ pushed: 0, pulled: 0 })
      await expectSame(one, hub, other)
    }
  })

  it('move nothing again as long as the filter says the same', async () => {
    const { hub, one, x } = await fleet()
    for (let n = 0; n < 5; n++) await typed(hub, 'x', `h${n}`)
    await sync(one, hub, { filter: x })
    const transport = scriptedTransport(memoryTransport(hub.store))
    await sync(one, hub, { filter: by({ types: ['x'] }), transport })
    const pages = transport.script.calls.filter(({ method }) => method === 'pull')
    expect(pages.map(({ result }) => (result as { changes: [] }).changes.length)).toEqual([0])
  })

  it('send nothing of aggregates that are not selected, and keep them', async () => {
    const { hub, one } = await fleet()
    await write(one, 'order-1', 'o1')
    await write(one, 'diary', 'd1')
    await write(hub, 'order-2', 'o2')
    await write(hub, 'payroll', 'p1')
    await sync(one, hub, { filter: by({ aggregates: ['order-*'] }) })
    expect((await idsOf(hub)).toSorted()).toEqual(['o1', 'o2', 'p1'])
    expect((await idsOf(one)).toSorted()).toEqual(['d1', 'o1', 'o2'])
    await sync(one, hub)
    await expectSame(one, hub)
  })
})

describe('a filter in code', () => {
  it('travels as its key, and withholds on arrival', async () => {
    const { hub, one } = await fleet()
    await typed(hub, 'x', 'hx')
    await typed(hub, 'y', 'hy')
    await typed(one, 'y', 'oy')
    const transport = scriptedTransport(memoryTransport(hub.store))
    const filter = by({ key: 'only x', matches: ({ type }) => type === 'x' })
    expect(await sync(one, hub, { filter, transport })).toMatchObject({ pulled: 1, pushed: 0 })
    const wants = transport.script.calls.filter(({ method }) => method === 'pull')
    for (const { args } of wants)
      expect((args[1] as { filter: Filter }).filter.text).toBe('{"key":"only x"}')
    expect(await contentOf(one)).toEqual(['hx', 'oy'])
    expect(await contentOf(hub)).toEqual(['hx', 'hy'])
  })

  it('withholds ancestors that have to be asked for as well', async () => {
    const { hub, one } = await fleet()
    for (const id of ['h0', 'h1']) await typed(hub, 'y', id)
    await typed(hub, 'x', 'h2')
    const transport = scriptedTransport(memoryTransport(hub.store), {
      async pull(pull, after, want, signal) {
        const page = await pull(after, want, signal)
        if (want.ids !== undefined || page.kind === 'reset') return page
        return { ...page, changes: page.changes.filter(({ id }) => id === 'h2') }
      },
    })
    const filter = by({ key: 'only x', matches: ({ type }) => type === 'x' })
    await sync(one, hub, { filter, transport })
    expect(await idsOf(one)).toEqual(['h0', 'h1', 'h2'])
    expect(await contentOf(one)).toEqual(['h2'])
  })

  it('that throws ends the sync with its error, and stores nothing', async () => {
    const { hub, one } = await fleet()
    await typed(hub, 'x', 'hx')
    const matches = () => {
      throw new Error('oops')
    }
    const { errors } = await trySync(one, hub, { filter: by({ key: 'broken', matches }) })
    expect(errors[0]?.message).toMatch(/the filter "broken" threw at event hx/)
    expect(await idsOf(one)).toEqual([])
  })
})

describe('under a filter', () => {
  it('what is sent again, parked or as an ancestor, shows no more', async () => {
    const [runtime, hubRuntime] = [testRuntime(), testRuntime()]
    const one = await machine('one', [], { runtime })
    const hub = await machine('hub', [], { runtime: hubRuntime })
    runtime.wall += 2 * 24 * 60 * 60_000
    await typed(one, 'y', 'parked')
    await write(one, 'diary', 'private')
    expect((await trySync(one, hub)).errors).toHaveLength(1)
    const sent: LogEvent[] = []
    const transport = scriptedTransport(memoryTransport(hub.store), {
      push(push, batch: PushBatch<LogEvent>, signal) {
        sent.push(...batch.changes)
        return push(batch, signal)
      },
    })
    await trySync(one, hub, { transport, filter: by({ aggregates: ['a'], types: ['x'] }) })
    expect(new Set(sent.map(({ id }) => id))).toEqual(new Set(['parked']))
    expect(sent.every(({ stub }) => stub === 'withheld')).toBe(true)
    // What is not to be sent any more is not complained about either.
    const { origin } = await hub.store.identity()
    expect((await one.store.link(origin)).parked.map(({ id }) => id)).toEqual(['parked'])
    hubRuntime.wall = runtime.wall
    await sync(one, hub)
    await expectSame(one, hub)
  })

  it('a remote that holds to none is not pulled from', async () => {
    const { hub, one, x } = await fleet()
    await typed(hub, 'x', 'hx')
    await typed(one, 'x', 'ox')
    const transport = scriptedTransport(memoryTransport(hub.store), {
      async hello(hello, mine, signal) {
        const { filters: _, ...welcome } = await hello(mine, signal)
        return welcome
      },
    })
    const { errors, pushed } = await trySync(one, hub, { filter: x, transport })
    expect(errors.map(({ code }) => code)).toEqual(['protocol'])
    expect([pushed, await idsOf(one)]).toEqual([1, ['ox']])
  })

  it('L4: a reading that was cut off goes on where it stood, and starts nothing over', async () => {
    const { hub, one, x } = await fleet()
    for (let n = 0; n < 6; n++) {
      await typed(hub, n % 2 ? 'x' : 'y', `h${n}`)
      await typed(one, n % 2 ? 'x' : 'y', `o${n}`)
    }
    await sync(one, hub, { filter: x })
    const { origin } = await hub.store.identity()
    const { generation } = await one.store.link(origin)
    const lost = new RejoinError('network', 'cut', { operation: 'test', component: 'test' })
    for (const method of ['push', 'pull'] as const)
      for (const after of [false, true]) {
        const transport = scriptedTransport(memoryTransport(hub.store))
        transport.script.fail(method, lost, { nth: 2, after })
        await trySync(one, hub, { transport, batch: { count: 2 } })
      }
    await sync(one, hub, { batch: { count: 2 } })
    await expectSame(one, hub)
    expect((await one.store.link(origin)).generation).toBe(generation)
  })

  it('S4: a hub that lost what was filled in there gets it again', async () => {
    const { hub, one, x } = await fleet()
    await typed(one, 'x', 'ox')
    await typed(one, 'y', 'oy')
    await sync(one, hub, { filter: x })
    const backup = hub.records.length
    await sync(one, hub)
    expect(await contentOf(hub)).toEqual(['ox', 'oy'])
    const restored = await copyOf(hub, backup)
    expect(await contentOf(restored)).toEqual(['ox'])
    await sync(one, restored)
    expect(await contentOf(restored)).toEqual(['ox', 'oy'])
  })

  it('S4: a hub that lost what a laptop had pulled gets it back, also after a change of filter', async () => {
    const { hub, one, other, x } = await fleet()
    const bring = async (id: string) => {
      await typed(other, 'x', id)
      await sync(other, hub, { directions: { push: true, pull: false } })
    }
    await bring('o0')
    await sync(one, hub, { filter: x })
    const backup = hub.records.length
    await bring('o1')
    await bring('o2')
    await sync(one, hub, { filter: x })
    // The change of filter is cut off after its first page.
    const transport = scriptedTransport(memoryTransport(hub.store))
    const lost = new RejoinError('network', 'cut', { operation: 'test', component: 'test' })
    transport.script.fail('pull', lost, { nth: 2 })
    await trySync(one, hub, { transport, batch: { count: 1 } })
    const restored = await copyOf(hub, backup)
    await sync(one, restored)
    expect((await idsOf(restored)).toSorted()).toEqual(['o0', 'o1', 'o2'])
  })

  it('two processes that sync one log under different filters both finish, in turn and at once', async () => {
    const { hub, one, x, y } = await fleet()
    for (let n = 0; n < 9; n++) await typed(n % 2 ? hub : one, n % 3 ? 'x' : 'y', `e${n}`)
    for (let round = 0; round < 3; round++) {
      const results = await Promise.all([
        trySync(one, hub, { filter: x, batch: { count: 2 } }),
        trySync(one, hub, { filter: y, batch: { count: 2 } }),
      ])
      for (const { errors } of results)
        for (const { code } of errors) expect(code).toBe('unsettled')
    }
    await sync(one, hub, { filter: x })
    await sync(one, hub, { filter: y })
    await expectSame(one, hub)
  })
})

async function fleet() {
  const [hub, one, other] = [await machine('hub'), await machine('one'), await machine('other')]
  return { hub, one, other, x: by({ types: ['x'] }), y: by({ types: ['y'] }) }
}

async function typed({ store }: Machine, type: string, id: string): Promise<void> {
  await store.append([{ id, type, aggregateId: 'a', data: { id } }])
}

/** The ids of the events whose content is there. */
async function contentOf(one: Machine): Promise<readonly string[]> {
  const events = await eventsOf(one)
  return events
    .filter(({ stub }) => stub === null)
    .map(({ id }) => id)
    .toSorted()
}

function by(filter: EventFilter): Filter {
  return filterOf(filter, systemRuntime, { operation: 'test', component: 'link' })
}
