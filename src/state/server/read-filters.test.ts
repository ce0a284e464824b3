import { describe, expect, it } from 'vitest'
import { servedHere } from '../fixtures/served-here.ts'
import { StateClient } from '../fixtures/state-client.ts'
import { type StateFilter, withData } from '../index.ts'

const served = (filters: Record<string, StateFilter>) => servedHere({ filters })

describe('read filters', () => {
  const hide: StateFilter = {
    readObject: (object) =>
      object.index === 'secret' ? undefined : withData(object, { seen: object.data }),
  }

  it('show something else of an object, or nothing, alone and in lists', async () => {
    const { tree, call, get, server } = await served({ 'u/*': hide })
    const list = await new StateClient().subscribe(server, '/u/*')
    const one = await new StateClient().subscribe(server, '/u/secret')
    for (const name of ['1', 'secret']) await tree.set(`u/${name}`, name)
    expect((await call('GET', '/u/secret')).status).toBe(404)
    expect(await get('/u/*')).toMatchObject([{ data: { seen: '1' } }])
    // A wider pattern shows no more.
    expect(await get('/*/*')).toEqual(await get('/u/*'))
    expect([list.told, one.told].map(({ length }) => length)).toEqual([2, 1])
    expect(list.value).toEqual(await get('/u/*'))
  })

  it('make another list of a list', async () => {
    const { tree, call, get, server } = await served({
      'u/*': {
        readList: (objects) =>
          objects
            .filter(({ data }) => (data as number) % 2 === 1)
            .toSorted((one, other) => (one.data as number) - (other.data as number)),
      },
    })
    const client = await new StateClient().subscribe(server, '/u/*')
    for (const n of [3, 2, 1, 5, 4]) await tree.set(`u/${n}`, n)
    const shown = (await get('/u/*')) as { data: number }[]
    expect(shown.map(({ data }) => data)).toEqual([1, 3, 5])
    expect(client.value).toEqual(shown)
    expect(client.told).toHaveLength(4)
    expect(await call('GET', '/*/*')).toMatchObject({
      status: 400,
      text: expect.stringContaining('u/*, which has a filter of its own'),
    })
    await expect(new StateClient().subscribe(server, '/*/*')).rejects.toThrow(/400/)
  })

  it('that throw refuse the request, and hide from who is subscribed', async () => {
    const { tree, call, get, server } = await served({
      'u/*': {
        readObject: (object) => {
          if (object.data === 'bad') throw new Error('not this one')
          return object
        },
      },
      'l/*': {
        readList: (objects) => {
          if (objects.length > 1) throw new Error('too many')
          return objects
        },
      },
    })
    const [one, list] = [new StateClient(), new StateClient()]
    await one.subscribe(server, '/u/1')
    await list.subscribe(server, '/l/*')
    await tree.set('u/1', 'good')
    await tree.set('u/1', 'bad')
    expect(await call('GET', '/u/1')).toMatchObject({ status: 400, text: 'not this one\n' })
    expect(one.value).toMatchObject({ created: 0 })
    expect(await get('/u/*')).toEqual([])
    await expect(new StateClient().subscribe(server, '/u/1')).rejects.toThrow('400 not this one')
    await tree.set('l/1', 1)
    await tree.set('l/2', 1)
    expect(await call('GET', '/l/*')).toMatchObject({ status: 400, text: 'too many\n' })
    expect(list.value).toEqual([])
    await tree.delete('l/2')
    expect(list.value).toEqual(await get('/l/*'))
  })

  it.each<[string, unknown]>([
    ['a promise', async (given: unknown) => given],
    ['a promise that fails', () => Promise.reject(new Error('later'))],
    ['an object without what objects have', (given: object) => ({ ...given })],
    ['true', () => true],
    ['null', () => null],
  ])('that answer %s show nothing, and say why', async (_, answer) => {
    const { tree, call, server } = await served({
      'u/*': { readObject: answer as never },
      'l/*': { readList: answer as never },
    })
    const [one, list] = [new StateClient(), new StateClient()]
    await one.subscribe(server, '/u/1')
    await list.subscribe(server, '/u/*')
    await tree.set('u/1', 'secret')
    await tree.set('l/1', 'secret')
    for (const [path, name] of [
      ['/u/1', 'readObject'],
      ['/l/*', 'readList'],
    ] as const) {
      const { status, text } = await call('GET', path)
      expect([status, text]).toEqual([500, expect.stringMatching(`a filter ${name} has to answer`)])
    }
    expect((await call('GET', '/u/*')).text).toBe('[]')
    expect([one.value, list.value]).toMatchObject([{ created: 0 }, []])
    await expect(new StateClient().subscribe(server, '/l/*')).rejects.toThrow(
      '500 a filter readList',
    )
  })

  it('that forget to answer a list do not show all of it', async () => {
    const { tree, call } = await served({ 'l/*': { readList: (() => {}) as never } })
    await tree.set('l/1', 'secret')
    expect((await call('GET', '/l/*')).status).toBe(500)
  })
})
