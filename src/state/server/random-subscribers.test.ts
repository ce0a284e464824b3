import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../../../test/e2e/temp-folder.ts'
import { property } from '../../../test/property.ts'
import { matchesPattern } from '../../contracts/index.ts'
import { SqliteStateStorage } from '../../store/sqlite/index.ts'
import { someOrigin } from '../../transport/fixtures/logs.ts'
import { type ServedState, servedState } from '../fixtures/served.ts'
import { StateClient } from '../fixtures/state-client.ts'
import {
  JsonText,
  type Notice,
  openState,
  type StateFilter,
  type StateObject,
  type StateServerOptions,
  type StateTree,
  withData,
} from '../index.ts'
import { Filters, type Reading } from './filters.ts'
import { shownText } from './shown.ts'

const keys = ['a', 'b/1', 'b/2', 'b/3', 'c/x/1', 'c/y/1', 'c/y/2']
const patterns = ['a', 'b/*', 'b/1', 'c/*/*', 'c/y/*', '*', 'c/y/1']

const data = fc.oneof(
  { depthSize: 'small' },
  fc.json({ maxDepth: 3, noUnicodeString: false } as never),
  fc.constantFrom(
    '{"__proto__":{"x":1},"constructor":{"prototype":1}}',
    '{"n":1777636800000000001,"f":0.10}',
    '{"~/":[1,2,{"a":1}],"":0}',
    '[1,2,3,4,5]',
    '[1,[2],9,5]',
  ),
)
const key = fc.constantFrom(...keys)
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ op: fc.constant('set' as const), key, data, rest: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('push' as const),
      key: fc.constantFrom('b/*', 'c/y/*'),
      data,
      rest: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('patch' as const), key, data, rest: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('delete' as const),
      key: fc.constantFrom(...keys, 'b/*', 'c/*/*', 'c/y/*'),
      rest: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('batch' as const), keys: fc.array(key), data }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('arrive' as const),
      key: fc.constantFrom('b/2', 'b/4', 'b/5', 'c/y/3', 'c/y/4', 'c/x/2', 'b/1'),
      at: fc.nat(9),
      data: fc.option(data),
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('join' as const), at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('leave' as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('back' as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('stick' as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('drain' as const), at: fc.nat() }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const histories = fc.record({
  first: fc.array(step, { maxLength: 8 }),
  writers: fc.array(fc.array(step, { maxLength: 12 }), { minLength: 1, maxLength: 4 }),
})

const secret: StateFilter = {
  readObject: (object) =>
    object.dataText.length % 3 === 0 ? undefined : withData(object, { seen: object.data }),
}
const sorted: StateFilter = {
  readList: (objects) =>
    objects
      .filter(({ dataText }) => dataText.length % 4 !== 0)
      .toSorted((one, other) => one.dataText.length - other.dataText.length),
}

describe('T3: whoever applies what it is told, in order, has what GET returns at each version', () => {
  it.each<[string, StateServerOptions]>([
    ['as it is', {}],
    ['patches only', { forcePatch: true }],
    ['hidden and changed', { filters: { 'b/*': secret, '*': secret, 'c/y/1': secret } }],
    [
      'sorted and cut',
      { filters: { 'b/*': sorted, 'c/y/*': { ...secret, readList: sorted.readList as never } } },
    ],
    [
      'within limits',
      {
        filters: {
          'b/*': { limit: { count: 2 } },
          'c/y/*': { limit: { count: 3, order: 'oldest' } },
        },
      },
    ],
    [
      'hidden, sorted and within limits at once',
      {
        filters: {
          'b/*': { ...secret, limit: { count: () => 2, order: 'oldest' } },
          'c/y/*': { ...sorted, limit: { count: 2 } },
        },
      },
    ],
    ['snapshots only', { noPatch: true }],
  ])('%s', { timeout: 60_000 }, (_, options) =>
    property(
      histories,
      async ({ first, writers }) => {
        await using served = await servedState({ unsentBytes: 200, ...options })
        const world = new World(served, new Filters(options.filters ?? {}, false))
        await world.run(first)
        await Promise.all(writers.map((steps) => world.run(steps)))
        await world.check()
      },
      60,
    ),
  )
})

it('T3: holds with another process that writes to the same file', { timeout: 60_000 }, () =>
  property(
    histories,
    async ({ first, writers }) => {
      const path = join(tempFolder(), 'state.db')
      const open = () => SqliteStateStorage.open({ path, durability: 'normal' })
      await using served = await servedState({ unsentBytes: 200 }, { storage: await open() })
      await using other = await openState({ storage: await open() })
      const world = new World(served, new Filters({}, false), other)
      await world.run(first)
      await Promise.all(writers.map((steps) => world.run(steps)))
      await world.check()
    },
    12,
  ),
)

/** Writers and subscribers of one server, and what each version must look like. */
class World {
  readonly #served: ServedState
  readonly #other: StateTree
  readonly #clients: { readonly client: StateClient; readonly pattern: string; isGone: boolean }[] =
    []
  readonly #heard: { pattern: string; position: bigint; value: unknown }[] = []
  readonly #history: History

  /** `other`: what writes that are not requests go to. */
  constructor(served: ServedState, filters: Filters, other: StateTree = served.tree) {
    this.#served = served
    this.#other = other
    this.#history = new History(served, filters)
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.#do(step)
  }

  async check(): Promise<void> {
    // Whatever came from elsewhere is told before what is written after it.
    await this.#served.tree.set('last', 1)
    for (const { client } of this.#clients) client.drain()
    for (const { pattern, position, value } of this.#heard)
      expect(value).toEqual(this.#history.at(pattern, position))
    for (const pattern of patterns) {
      const { status, text } = await this.#served.call('GET', `/${pattern}`)
      if (status === 400) continue
      const value = status === 404 ? nothing : JSON.parse(text)
      const fresh = await new StateClient().subscribe(this.#served.server, `/${pattern}`)
      expect(fresh.value).toEqual(value)
      for (const one of this.#clients)
        if (!one.isGone && one.pattern === pattern) expect(one.client.value).toEqual(value)
    }
  }

  async #do(step: Step): Promise<void> {
    const { call } = this.#served
    const tree = this.#other
    switch (step.op) {
      case 'set':
        if (step.rest) await call('POST', `/${step.key}`, step.data)
        else await tree.set(step.key, JSON.parse(step.data))
        return
      case 'push':
        if (step.rest) await call('POST', `/${step.key}`, step.data)
        else await tree.push(step.key, JSON.parse(step.data))
        return
      case 'patch':
        if (step.rest) await call('PATCH', `/${step.key}`, step.data)
        else await tree.patch(step.key, JSON.parse(step.data), { form: 'merge-patch' })
        return
      case 'delete':
        if (step.rest) await call('DELETE', `/${step.key}`)
        else await tree.delete(step.key)
        return
      case 'batch':
        if (step.keys.length > 0)
          await tree.write(step.keys.map((set) => ({ set, data: JSON.parse(step.data) })))
        return
      case 'arrive':
        return this.#arrive(step.key, BigInt(step.at), step.data)
      case 'join':
        return this.#join(patterns[step.at % patterns.length] as string)
      default:
        return this.#disturb(step.op, step.at)
    }
  }

  /** Of another replica, and older than all that is here. */
  async #arrive(path: string, at: bigint, data: string | null): Promise<void> {
    const dataText = data === null ? null : new JsonText(data).text
    const times = data === null ? { created: 0n, updated: at } : { created: at, updated: 0n }
    const changes = [{ path, ...times, dataText, note: '' }]
    await this.#served.tree.replica().apply({ via: someOrigin, role: 'pulled', changes })
  }

  async #disturb(op: 'leave' | 'back' | 'stick' | 'drain', at: number): Promise<void> {
    const one = this.#clients[at % (this.#clients.length || 1)]
    if (one === undefined) return
    if (op === 'stick') one.client.isStuck = true
    else if (op === 'drain') one.client.drain()
    else if (op === 'leave' || !one.isGone) {
      one.client.peer?.gone()
      one.isGone = true
    } else await this.#join(one.pattern, one.client)
  }

  async #join(pattern: string, from?: StateClient): Promise<void> {
    const client = new StateClient()
    client.value = structuredClone(from?.value)
    client.version = from?.version ?? ''
    client.onValue = (value, version) => this.#hear(client, pattern, value, version)
    try {
      await client.subscribe(this.#served.server, `/${pattern}${from ? `?v=${from.version}` : ''}`)
      this.#clients.push({ client, pattern, isGone: false })
    } catch (error) {
      expect(String(error)).toMatch(/400 .*filter of its own/)
    }
  }

  #hear(client: StateClient, pattern: string, value: unknown, version: string): void {
    this.#heard.push({ pattern, position: positionOf(version), value })
    const versions = client.told.map((told) => positionOf(told.version))
    expect(versions).toEqual(
      [...new Set(versions)].toSorted((one, other) => (one < other ? -1 : 1)),
    )
  }
}

/** What GET would have answered, at every position of the feed: made anew each time, from all there is. */
class History {
  readonly #objects = new Map<string, StateObject>()
  readonly #readings: readonly Reading[]
  readonly #answers = new Map<string, { readonly position: bigint; readonly value: unknown }[]>()

  constructor({ tree }: ServedState, filters: Filters) {
    this.#readings = patterns.flatMap((pattern) => {
      try {
        return [filters.reading(pattern)]
      } catch {
        return []
      }
    })
    this.#remember(0n)
    for (const depth of ['*', '*/*', '*/*/*']) tree.observe(depth, (notice) => this.#hear(notice))
  }

  at(pattern: string, position: bigint): unknown {
    return this.#answers.get(pattern)?.findLast((one) => one.position <= position)?.value
  }

  #hear({ changes }: Notice): void {
    for (const { path, object, position } of changes) {
      if (object === undefined) this.#objects.delete(path)
      else this.#objects.set(path, object)
      this.#remember(position)
    }
  }

  #remember(position: bigint): void {
    for (const reading of this.#readings) {
      const { pattern, oldestFirst } = reading
      const objects = [...this.#objects.values()]
        .filter(({ path }) => matchesPattern(pattern, path))
        .toSorted(
          (one, other) => Number(one.created - other.created) || (one.path < other.path ? 1 : -1),
        )
      const text = shownText(reading, oldestFirst ? objects : objects.toReversed())
      const answers = this.#answers.get(pattern) ?? []
      answers.push({ position, value: text === undefined ? nothing : JSON.parse(text) })
      this.#answers.set(pattern, answers)
    }
  }
}

function positionOf(version: string): bigint {
  return BigInt(`0x${version.slice(0, -8)}`)
}

const nothing = { created: 0, updated: 0, index: '', data: {} }
