import { afterEach, describe, expect, it } from 'vitest'
import {
  JsonText,
  type Notice,
  openState,
  type StateOptions,
  type StateTree,
  type Written,
} from './index.ts'

const opened: StateTree[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((tree) => tree.close()))
})

async function tree(options: StateOptions = {}): Promise<StateTree> {
  const state = await openState(options)
  opened.push(state)
  return state
}

const refused = { code: 'invalid_argument' }

describe('set and get', () => {
  it('creates an object, and writes it again without another created', async () => {
    const state = await tree()
    expect(await state.get('settings')).toBeUndefined()
    const first = (await state.set('settings', { theme: 'dark' })) as Written
    expect(first.kind).toBe('written')
    expect(first.object).toMatchObject({ updated: 0n, index: 'settings', path: 'settings' })
    expect(first.object.created).toBeGreaterThan(1_700_000_000_000_000_000n)
    const second = (await state.set('settings', { theme: 'light' })) as Written
    expect(second.object.created).toBe(first.object.created)
    expect(second.object.updated).toBeGreaterThan(first.object.created)
    const object = await state.get<{ theme: string }>('settings')
    expect(object?.data.theme).toBe('light')
  })

  it('T4: carries JSON text digit for digit', async () => {
    const state = await tree()
    await state.set('a', new JsonText('{ "n": 12345678901234567890.10, "__proto__": { "x": 1 } }'))
    expect((await state.get('a'))?.dataText).toBe(
      '{"n":12345678901234567890.10,"__proto__":{"x":1}}',
    )
    await state.set('b', { at: 1_777_636_800_000_000_001n })
    expect((await state.get('b'))?.dataText).toBe('{"at":1777636800000000001}')
    expect((await state.get<{ at: bigint }>('b'))?.data.at).toBe(1_777_636_800_000_000_001n)
  })

  it.each([undefined, () => {}, Symbol('s'), { toJSON: () => undefined }, Promise.resolve({})])(
    'refuses data without a JSON form: %o',
    async (data) => {
      const state = await tree()
      await expect(state.set('a', data)).rejects.toMatchObject(refused)
      // Nor is it what a function computes; all stays.
      await state.set('a', 1)
      if (data !== undefined)
        await expect(state.update('a', () => data)).rejects.toMatchObject(refused)
      expect((await state.get('a'))?.data).toBe(1)
    },
  )

  it('refuses what is nested too deep, loops, or is too large', async () => {
    const state = await tree({ dataBytes: 100 })
    await expect(
      state.set('a', JSON.parse('['.repeat(200) + ']'.repeat(200))),
    ).rejects.toMatchObject(refused)
    const loop: unknown[] = []
    loop.push(loop)
    await expect(state.set('a', loop)).rejects.toMatchObject(refused)
    await expect(state.set('a', 'x'.repeat(99))).rejects.toMatchObject({ code: 'too_large' })
    await expect(state.set('a', 'ü'.repeat(49))).resolves.toMatchObject({ kind: 'written' })
    expect(() => new JsonText('{"a":}')).toThrow(/character 5/)
  })

  it.each(['', '_a', 'a//b', 'a/**', 'sync', 'health/x', '__proto__', 'a b', 7 as never])(
    'X1: refuses the path %j everywhere, and changes nothing',
    async (path) => {
      const state = await tree()
      const stop = new AbortController().signal
      await expect(state.get(path)).rejects.toMatchObject(refused)
      await expect(state.list(path)).rejects.toMatchObject(refused)
      await expect(state.set(path, 1)).rejects.toMatchObject(refused)
      await expect(state.push(path, 1)).rejects.toMatchObject(refused)
      await expect(state.patch(path, {})).rejects.toMatchObject(refused)
      await expect(state.delete(path)).rejects.toMatchObject(refused)
      await expect(state.update(path, () => 1)).rejects.toMatchObject(refused)
      expect(() => state.observe(path, () => {})).toThrow(/path/)
      expect(() => state.watch(path, stop)).toThrow(/path/)
      expect((await state.keys()).total).toBe(0)
    },
  )

  it('takes constructor, toString and the like as names', async () => {
    const state = await tree()
    await state.set('constructor', { toString: 1 })
    await state.set('users/toString', 2)
    expect(await state.get('toString')).toBeUndefined()
    expect((await state.list('users/*')).map(({ path }) => path)).toEqual(['users/toString'])
    expect((await state.keys()).keys).toEqual(['constructor', 'users/toString'])
  })

  it('has reserved names of its own choosing', async () => {
    const state = await tree({ reserved: ['admin'] })
    await state.set('sync', 1)
    await expect(state.set('admin', 1)).rejects.toThrow(/reserved/)
  })
})

describe('compare and set', () => {
  it('tells what stands there instead, and changes nothing', async () => {
    const state = await tree()
    const { object: first } = (await state.set('a', 1)) as Written
    const { object: second } = (await state.set('a', 2, { expected: first.updated })) as Written
    const stale = await state.set('a', 3, { expected: first.updated })
    expect(stale).toMatchObject({ kind: 'stale', object: { updated: second.updated } })
    expect(await state.set('a', 3, { expected: first })).toMatchObject({ kind: 'stale' })
    expect(await state.patch('a', 3, { expected: first })).toMatchObject({ kind: 'stale' })
    expect(await state.delete('a', { expected: first })).toMatchObject({ kind: 'stale' })
    expect(await state.set('a', 3, { expected: 'none' })).toMatchObject({ kind: 'stale' })
    expect((await state.get('a'))?.data).toBe(2)
    expect(await state.delete('a', { expected: second })).toMatchObject({ kind: 'deleted' })
    expect(await state.set('a', 4, { expected: 'some' })).toEqual({
      kind: 'stale',
      object: undefined,
    })
    expect(await state.set('a', 4, { expected: second })).toMatchObject({ kind: 'stale' })
    expect(await state.set('a', 4, { expected: 'none' })).toMatchObject({ kind: 'written' })
  })

  it('an object that was read tells apart what updated can’t', async () => {
    const state = await tree()
    const { object } = (await state.set('a', 1)) as Written
    await state.delete('a')
    await state.set('a', 2)
    expect(await state.set('a', 3, { expected: object })).toMatchObject({ kind: 'stale' })
  })

  it('takes back what get answered, also where nothing stood', async () => {
    const state = await tree()
    const nothing = await state.get('a')
    expect(await state.set('a', 1, { expected: nothing })).toMatchObject({ kind: 'written' })
    expect(await state.set('a', 2, { expected: nothing })).toMatchObject({ kind: 'stale' })
    const outcome = await state.write([{ set: 'a', data: 2, expected: undefined }])
    expect(outcome).toMatchObject({ kind: 'refused', at: 0, result: { kind: 'stale' } })
    expect((await state.get('a'))?.data).toBe(1)
  })

  it('lets one of many win', async () => {
    const state = await tree()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => state.set('a', n, { expected: 'none' })),
    )
    expect(answers.map(({ kind }) => kind).filter((kind) => kind === 'written')).toHaveLength(1)
  })

  it('refuses an expectation that makes no sense', async () => {
    const state = await tree()
    await expect(state.set('a', 1, { expected: 7 as never })).rejects.toMatchObject(refused)
    await expect(state.delete('a/*', { expected: 'some' })).rejects.toMatchObject(refused)
  })
})

describe('push', () => {
  it('makes an index that nobody has, in the order of time', async () => {
    const state = await tree()
    const pushed = await Promise.all(Array.from({ length: 50 }, (_, n) => state.push('logs/*', n)))
    const indexes = pushed.map(({ object }) => object.index)
    expect(new Set(indexes).size).toBe(50)
    expect(indexes).toEqual(indexes.toSorted())
    expect(indexes[0]).toMatch(/^[0-9a-f]{16}$/)
    expect((await state.list('logs/*', { order: 'oldest' })).map(({ data }) => data)).toEqual(
      Array.from({ length: 50 }, (_, n) => n),
    )
    expect(await state.set('logs/*', 50)).toMatchObject({ kind: 'written' })
    expect((await state.push('*', 1)).object.path).not.toContain('/')
    await expect(state.push('logs', 1)).rejects.toMatchObject(refused)
    await expect(state.push('a/*/b/*', 1)).rejects.toMatchObject(refused)
  })
})

describe('delete', () => {
  it('takes one object or all that match, and tells which', async () => {
    const state = await tree()
    for (const path of ['a/1', 'a/2', 'a/1/x', 'b']) await state.set(path, path)
    expect(await state.delete('b')).toMatchObject({ kind: 'deleted', paths: ['b'] })
    expect(await state.delete('b')).toEqual({ kind: 'absent' })
    expect(await state.delete('a/*')).toMatchObject({ kind: 'deleted', paths: ['a/1', 'a/2'] })
    expect(await state.delete('a/*')).toMatchObject({ kind: 'deleted', paths: [] })
    expect((await state.keys()).keys).toEqual(['a/1/x'])
    expect(await state.delete('a/*/*')).toMatchObject({ paths: ['a/1/x'] })
  })

  it('T2: what comes after a delete is new', async () => {
    const state = await tree()
    const { object: first } = (await state.set('a', 1)) as Written
    await state.delete('a')
    const { object: second } = (await state.set('a', 2)) as Written
    expect(second.created).toBeGreaterThan(first.created)
    expect(second.updated).toBe(0n)
  })
})

describe('update', () => {
  it('is atomic: no increment is lost', async () => {
    const state = await tree()
    await Promise.all(
      Array.from({ length: 200 }, () => state.update<number>('n', (held) => (held?.data ?? 0) + 1)),
    )
    expect((await state.get('n'))?.data).toBe(200)
  })

  it('leaves all as it is for undefined, and for what throws', async () => {
    const state = await tree()
    await state.set('a', 1)
    expect(await state.update('a', () => undefined)).toMatchObject({
      kind: 'kept',
      object: { data: 1 },
    })
    await expect(
      state.update('a', () => {
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    // Others in the same commit are not affected.
    const [bad, good] = await Promise.allSettled([
      state.update('a', () => (() => {}) as never),
      state.set('b', 1),
    ])
    expect([bad.status, good.status]).toEqual(['rejected', 'fulfilled'])
    expect((await state.get('a'))?.data).toBe(1)
  })
})

describe('write', () => {
  it('does several writes in one commit, each seeing those before it', async () => {
    const state = await tree()
    const heard: Notice[] = []
    state.observe('*', (notice) => heard.push(notice))
    const outcome = await state.write([
      { set: 'a', data: { n: 1 } },
      { patch: 'a', with: { m: 2 } },
      { set: 'b', data: 1 },
      { delete: 'b' },
      { push: '*', data: 'x' },
    ])
    expect(outcome.kind).toBe('written')
    expect((await state.get('a'))?.data).toEqual({ n: 1, m: 2 })
    expect(await state.get('b')).toBeUndefined()
    expect(heard.map(({ changes }) => changes.length)).toEqual([5])
  })

  it('does none of them when one is refused', async () => {
    const state = await tree()
    await state.set('a', 1)
    const outcome = await state.write([
      { set: 'a', data: 2 },
      { set: 'c', data: 2 },
      { patch: 'nothing', with: {} },
    ])
    expect(outcome).toEqual({ kind: 'refused', at: 2, result: { kind: 'absent' } })
    expect((await state.keys()).keys).toEqual(['a'])
    expect((await state.get('a'))?.data).toBe(1)
    await expect(state.write([])).rejects.toMatchObject(refused)
    await expect(state.write([{ sett: 'a' } as never])).rejects.toMatchObject(refused)
  })

  it.each([
    [{ set: 'a', data: 2, expcted: 'none' }, 'write.expcted', 'did you mean `expected`?'],
    [{ push: '*', data: 2, expected: 'none' }, 'write.expected', 'there are push, data'],
    [{ patch: 'a', with: {}, from: 'merge-patch' }, 'write.from', 'did you mean `form`?'],
    [{ delete: 'a', expect: 'none' }, 'write.expect', 'did you mean `expected`?'],
    [{ set: 'a', data: 2, delete: 'b' }, 'write.delete', 'there are set, data, expected'],
  ])('refuses a field that a write does not have: %o', async (write, option, hint) => {
    const state = await tree()
    await state.set('a', 1)
    const message = `unknown option \`${option}\`: ${hint}`
    await expect(state.write([write as never])).rejects.toMatchObject({ ...refused, message })
    expect((await state.list('*')).map(({ data }) => data)).toEqual([1])
  })
})

describe('list and keys', () => {
  it('have order, limit, range and pages', async () => {
    const state = await tree()
    const times: bigint[] = []
    for (const name of ['c', 'a', 'b']) {
      const { object } = (await state.set(`l/${name}`, name)) as Written
      times.push(object.created)
    }
    await state.set('l/c', 'again')
    const names = async (options?: Parameters<StateTree['list']>[1]) =>
      (await state.list('l/*', options)).map(({ index }) => index).join('')
    expect(await names()).toBe('bac')
    expect(await names({ order: 'oldest' })).toBe('cab')
    expect(await names({ order: 'path', limit: 2 })).toBe('ab')
    expect(await names({ from: times[1]! })).toBe('ba')
    expect(await names({ to: times[1]! })).toBe('ac')
    expect((await state.list('l/a')).map(({ data }) => data)).toEqual(['a'])
    await state.set('m', 1)
    expect(await state.keys({ limit: 2 })).toEqual({ keys: ['l/a', 'l/b'], total: 4 })
    expect(await state.keys({ skip: 2, limit: 9 })).toEqual({ keys: ['l/c', 'm'], total: 4 })
    expect(await state.keys({ filter: 'l/' })).toMatchObject({ total: 3 })
    expect(await state.keys({ filter: '*' })).toEqual({ keys: ['m'], total: 1 })
    await expect(state.list('l/*', { limit: 0 })).rejects.toMatchObject(refused)
    await expect(state.list('l/*', { from: 1 as never })).rejects.toMatchObject(refused)
    await expect(state.keys({ limit: 0 })).rejects.toMatchObject(refused)
  })
})
