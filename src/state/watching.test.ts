import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StateStorage } from '../contracts/index.ts'
import type { Logger } from '../ports/index.ts'
import type { Runtime, Timer } from '../runtime/index.ts'
import { MemoryStateStorage } from '../store/memory/index.ts'
import { SqliteStateStorage } from '../store/sqlite/index.ts'
import { testRuntime } from '../testing/acceptance/event-store/test-runtime.ts'
import { type Notice, openState, type StateOptions, type StateTree, type Written } from './index.ts'

let folder: string
const opened: StateTree[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejoin-state-'))
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((tree) => tree.close()))
  rmSync(folder, { recursive: true })
})

async function tree(options: StateOptions = {}): Promise<StateTree> {
  const state = await openState(options)
  opened.push(state)
  return state
}

const inFile = (name = 'state.db') => SqliteStateStorage.open({ path: join(folder, name) })

describe('observe', () => {
  it('hears what changes under its pattern, before the write resolves, with what was there', async () => {
    const state = await tree()
    const heard: Notice[] = []
    const stop = state.observe('users/*', (notice) => heard.push(notice))
    const { object, version } = (await state.set('users/1', 'a')) as Written
    expect(heard).toHaveLength(1)
    expect(heard[0]).toMatchObject({ version, changes: [{ path: 'users/1', object }] })
    expect(heard[0]?.changes[0]?.before).toBeUndefined()
    await state.set('users', 'no')
    await state.set('users/1/x', 'no')
    await state.set('users/1', 'b')
    expect(heard).toHaveLength(2)
    expect(heard[1]?.changes[0]).toMatchObject({ object: { data: 'b' }, before: { data: 'a' } })
    await state.delete('users/1')
    expect(heard[2]?.changes[0]).toMatchObject({ path: 'users/1', before: { data: 'b' } })
    expect(heard[2]?.changes[0]?.object).toBeUndefined()
    stop()
    stop()
    await state.set('users/1', 'c')
    expect(heard).toHaveLength(3)
    const positions = heard.map(({ position }) => position)
    expect(positions).toEqual(positions.toSorted((one, other) => Number(one - other)))
  })

  it('hears of a deleted list once', async () => {
    const state = await tree()
    await Promise.all(Array.from({ length: 20 }, (_, n) => state.set(`a/${n}`, n)))
    const heard: Notice[] = []
    state.observe('a/*', (notice) => heard.push(notice))
    state.observe('a/7', (notice) => heard.push(notice))
    await state.delete('a/*')
    expect(heard.map(({ changes, cleared }) => [changes.length, cleared]).toSorted()).toEqual([
      [1, 'a/*'],
      [20, 'a/*'],
    ])
  })

  it('is not stopped by a listener that throws: that is logged', async () => {
    const errors: string[] = []
    const nothing = () => {}
    const logger: Logger = {
      debug: nothing,
      info: nothing,
      warn: nothing,
      error: (text) => errors.push(text),
    }
    const state = await tree({ logger })
    let heard = 0
    state.observe('a', () => {
      throw new Error('no')
    })
    state.observe('a', () => heard++)
    expect(await state.set('a', 1)).toMatchObject({ kind: 'written' })
    expect([heard, errors.length]).toEqual([1, 1])
    // Its rejection would end the process.
    const rejecting: () => unknown = () => Promise.reject(new Error('no'))
    state.observe('a', rejecting)
    await state.set('a', 2)
    expect([heard, errors.length]).toEqual([2, 3])
  })

  it('hears what links and other processes write, in feed order with our own', async () => {
    const state = await tree({ storage: await inFile() })
    const other = await tree({ storage: await inFile() })
    const heard: Notice[] = []
    state.observe('*', (notice) => heard.push(notice))
    const stop = new AbortController()
    const notices = state.watch('b', stop.signal)[Symbol.asyncIterator]()
    const there = other.watch('a', stop.signal)[Symbol.asyncIterator]()
    await state.set('a', 1)
    await other.set('b', 2)
    expect((await notices.next()).value).toMatchObject({ changes: [{ object: { data: 2 } }] })
    await state.set('a', 3)
    const { origin } = await other.replica().identity()
    const changes = [{ path: 'c', created: 5n, updated: 0n, dataText: '4', note: '' }]
    const next = state.watch('c', stop.signal)[Symbol.asyncIterator]().next()
    await state.replica().apply({ via: origin, role: 'pulled', changes })
    await next
    const seen = heard.flatMap((one) => one.changes).map(({ path, object }) => [path, object?.data])
    expect(seen).toEqual([
      ['a', 1],
      ['b', 2],
      ['a', 3],
      ['c', 4],
    ])
    while ((await other.get('a'))?.data !== 3) await there.next()
    stop.abort()
  })
})

describe('two trees on one file', () => {
  it('lose no update, whoever is faster', async () => {
    const trees = [await tree({ storage: await inFile() }), await tree({ storage: await inFile() })]
    const counting = trees.flatMap((state) =>
      Array.from({ length: 30 }, async (_, n) => {
        await state.update<number>('n', (held) => (held?.data ?? 0) + 1)
        if (n % 3 === 0) await state.push('log/*', n)
      }),
    )
    await Promise.all(counting)
    const [one, other] = trees as [StateTree, StateTree]
    await one.set('last', 1)
    expect((await one.get('n'))?.data).toBe(60)
    expect(await one.list('log/*')).toHaveLength(20)
    await other.set('last', 2)
    expect((await other.get('n'))?.data).toBe(60)
    expect(await other.list('log/*')).toHaveLength(20)
  })
})

describe('T3: paths that are forgotten', () => {
  it('make everybody begin anew, also in another process', async () => {
    const state = await tree({ storage: await inFile() })
    const other = await tree({ storage: await inFile() })
    const stop = new AbortController()
    const heard = [state, other].map((one) => one.watch('a/*', stop.signal)[Symbol.asyncIterator]())
    const { version } = (await state.set('a/1', 1)) as { version: string }
    for (const one of heard) expect((await one.next()).value).toMatchObject({ changes: [{}] })
    await state.replica().forget({ patterns: ['a/*'] })
    for (const one of heard) expect((await one.next()).value).toMatchObject({ behind: true })
    for (const one of [state, other]) {
      expect(await one.list('a/*')).toEqual([])
      expect(await one.changedSince('a/*', version)).toBe(true)
      const { version: now } = await one.snapshot('a/*')
      expect(await one.changedSince('a/*', now)).toBe(false)
    }
    stop.abort()
  })
})

describe('watch', () => {
  it('ends with its signal, and with the tree', async () => {
    const state = await openState()
    const stop = new AbortController()
    const one = state.watch('a', stop.signal)[Symbol.asyncIterator]()
    const other = state.watch('a', new AbortController().signal)[Symbol.asyncIterator]()
    await state.set('a', 1)
    expect((await one.next()).done).toBe(false)
    const last = one.next()
    stop.abort()
    expect((await last).done).toBe(true)
    expect((await other.next()).done).toBe(false)
    const ended = other.next()
    await state.close()
    expect((await ended).done).toBe(true)
  })

  it('S5: tells a reader that is too slow to begin anew, instead of keeping all for it', async () => {
    const state = await tree()
    const stop = new AbortController()
    const notices = state.watch('a', stop.signal)[Symbol.asyncIterator]()
    for (let n = 0; n < 1_500; n++) await state.set('a', n)
    const { value } = await notices.next()
    expect(value).toMatchObject({ changes: [], behind: true })
    const { objects, position } = await state.snapshot('a')
    expect(objects[0]?.data).toBe(1_499)
    expect(value.position <= position).toBe(true)
    await state.set('a', 'next')
    expect((await notices.next()).value).toMatchObject({ changes: [{ object: { data: 'next' } }] })
    stop.abort()
  })

  it('T3: a snapshot, and the changes after it, are what is there', async () => {
    const state = await tree()
    const view = new Map<string, unknown>()
    const late: Notice[] = []
    const writing = Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        n % 7 === 0 ? state.delete(`a/${n % 10}`) : state.set(`a/${n % 10}`, n),
      ),
    )
    const stop = state.observe('a/*', (notice) => late.push(notice))
    const { objects, position } = await state.snapshot('a/*')
    for (const { path, data } of objects) view.set(path, data)
    await writing
    stop()
    for (const change of late.flatMap(({ changes }) => changes))
      if (change.position <= position) continue
      else if (change.object === undefined) view.delete(change.path)
      else view.set(change.path, change.object.data)
    const now = (await state.list('a/*')).map(({ path, data }) => [path, data])
    expect([...view].toSorted()).toEqual(now.toSorted())
  })
})

describe('versions', () => {
  it('tell whether anything under a pattern has changed since', async () => {
    const state = await tree()
    await state.set('a/1', 1)
    const { version } = await state.snapshot('a/*')
    expect(version).toMatch(/^[0-9a-f]{9,}$/)
    expect(await state.changedSince('a/*', version)).toBe(false)
    await state.set('b', 1)
    expect(await state.changedSince('a/*', version)).toBe(false)
    await state.delete('a/1')
    expect(await state.changedSince('a/*', version)).toBe(true)
    const later = (await state.snapshot('a/*')).version
    expect(BigInt(`0x${later}`) > BigInt(`0x${version}`)).toBe(true)
    expect(await state.changedSince('a/*', later)).toBe(false)
    for (const odd of ['', '0', 'x', 'ffffffffffff', `f${later}`, 'a'.repeat(100)])
      expect(await state.changedSince('a/*', odd), odd).toBe(true)
  })

  it('go on after a restart, and are unknown to another history', async () => {
    const before = await openState({ storage: await inFile() })
    await before.set('a', 1)
    const { version } = await before.snapshot('a')
    await before.close()
    const after = await tree({ storage: await inFile() })
    expect(await after.changedSince('a', version)).toBe(false)
    await after.set('b', 1)
    expect(await after.changedSince('a', version)).toBe(false)
    await after.set('a', 2)
    expect(await after.changedSince('a', version)).toBe(true)
    const elsewhere = await tree({ storage: await inFile('other.db') })
    await elsewhere.set('a', 1)
    expect(await elsewhere.changedSince('a', version)).toBe(true)
  })

  it('below the horizon nothing is certain', async () => {
    const state = await tree()
    await state.set('a/1', 1)
    const { version } = await state.snapshot('b/*')
    await state.delete('a/1')
    await state.replica().collect({ before: 2n ** 62n, upTo: 99n as never })
    expect(await state.changedSince('b/*', version)).toBe(true)
    expect(await state.changedSince('b/*', (await state.snapshot('b/*')).version)).toBe(false)
  })
})

describe('ephemeral paths', () => {
  it('are told of like others, expire when they are not written, and are never replicated', async () => {
    const runtime = steppedRuntime()
    const storage = await inFile()
    const state = await tree({ storage, runtime, ephemeral: { 'presence/*': { ttl: 1_000 } } })
    const heard: string[] = []
    state.observe('presence/*', ({ changes }) => {
      for (const { path, object } of changes) heard.push(`${path} ${object?.data ?? 'gone'}`)
    })
    await state.set('presence/ann', 'here')
    await state.set('presence/bob', 'here')
    await state.set('settings', 1)
    await runtime.step(600)
    await state.set('presence/ann', 'still')
    await runtime.step(600)
    expect(heard).toEqual([
      'presence/ann here',
      'presence/bob here',
      'presence/ann still',
      'presence/bob gone',
    ])
    expect((await state.list('presence/*')).map(({ index }) => index)).toEqual(['ann'])
    expect((await state.get('presence/ann'))?.data).toBe('still')
    expect((await state.keys()).keys).toEqual(['presence/ann', 'settings'])
    expect((await storage.feed()).rows.map(({ path }) => path)).toEqual(['settings'])
    await runtime.step(1_000)
    expect(await state.get('presence/ann')).toBeUndefined()
    await expect(
      state.write([
        { set: 'presence/ann', data: 1 },
        { set: 'settings', data: 1 },
      ]),
    ).rejects.toThrow(/all in the storage/)
  })
})

describe('a storage that fails', () => {
  it('leaves no trace in memory, and nobody is told', async () => {
    const durable = await inFile()
    let isFull = false
    const failing = new Proxy(durable, {
      get(target, name) {
        if (name === 'commit' && isFull) return () => Promise.reject(new Error('the disk is full'))
        const value = Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    }) as StateStorage
    const state = await tree({ storage: failing })
    await state.set('a', 1)
    const heard: Notice[] = []
    state.observe('*', (notice) => heard.push(notice))
    isFull = true
    const answers = await Promise.allSettled([
      state.set('a', 2),
      state.delete('a'),
      state.set('b', 2),
    ])
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect((await state.get('a'))?.data).toBe(1)
    expect(await state.get('b')).toBeUndefined()
    expect(heard).toEqual([])
    isFull = false
    await state.set('b', 3)
    expect(heard).toHaveLength(1)
    expect((await durable.rows(['a', 'b'])).found.map(({ row }) => row?.dataText)).toEqual([
      '1',
      '3',
    ])
  })

  it('spoils only the write that it can’t take', async () => {
    const storage = await MemoryStateStorage.open()
    const commit = storage.commit.bind(storage)
    storage.commit = (what, signal) =>
      what.changes.some(({ path }) => path === 'bad')
        ? Promise.reject(new Error('bad'))
        : commit(what, signal)
    const state = await tree({ storage })
    const answers = await Promise.allSettled(['a', 'bad', 'b'].map((path) => state.set(path, 1)))
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })
})

/** A runtime whose monotonic clock and timers move when told. */
function steppedRuntime(): Runtime & { step(ms: number): Promise<void> } {
  const base = testRuntime()
  let now = 0
  const timers = new Set<{ readonly at: number; readonly ring: () => void }>()
  return {
    ...base,
    monotonic: () => now,
    timer(ms, ring): Timer {
      const timer = { at: now + ms, ring }
      timers.add(timer)
      return { cancel: () => timers.delete(timer) }
    },
    async step(ms) {
      now += ms
      for (const timer of [...timers])
        if (timer.at <= now) {
          timers.delete(timer)
          timer.ring()
        }
      for (let turn = 0; turn < 20; turn++)
        await new Promise((resolve) => base.soon(() => resolve(undefined)))
    },
  }
}
