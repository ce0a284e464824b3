import { describe, expect, it } from 'vitest'
import type { ServedState } from '../fixtures/served.ts'
import { servedHere } from '../fixtures/served-here.ts'
import { StateClient } from '../fixtures/state-client.ts'
import type { StateFilter, StateServerOptions } from '../index.ts'

function served(
  filters: Record<string, StateFilter>,
  options: StateServerOptions = {},
): Promise<ServedState> {
  return servedHere({ filters, ...options })
}

const refuse = (words: string) => () => {
  throw new Error(words)
}

describe('a write filter', () => {
  it('sees the data, and gives other data or refuses', async () => {
    const seen: unknown[] = []
    const { call, get, tree } = await served({
      'users/*': {
        write: async ({ path, data }) => {
          seen.push([path, data])
          const { name } = data as { name?: unknown }
          if (typeof name !== 'string') throw new Error('a user needs a name')
          return { name: name.trim() }
        },
      },
      'plain/*': { write: () => undefined },
    })
    expect((await call('POST', '/users/1', { name: ' Ann ' })).status).toBe(200)
    expect(await get('/users/1')).toMatchObject({ data: { name: 'Ann' } })
    const refused = await call('POST', '/users/*', { nom: 1 })
    expect([refused.status, refused.text]).toEqual([400, 'a user needs a name\n'])
    expect(seen).toEqual([
      ['users/1', { name: ' Ann ' }],
      ['users/*', { nom: 1 }],
    ])
    await call('POST', '/plain/1', '[1.10]')
    expect((await tree.get('plain/1'))?.dataText).toBe('[1.10]')
    expect((await tree.keys()).total).toBe(2)
  })

  it('sees what a patch comes to, also when somebody writes meanwhile', async () => {
    let raced = false
    const seen: unknown[] = []
    const { call, get, tree } = await served({
      o: {
        write: async ({ data }) => {
          seen.push(data)
          if (!raced) {
            raced = true
            await tree.set('o', { a: 5, b: 5 })
          }
        },
      },
    })
    await tree.set('o', { a: 1 })
    expect((await call('PATCH', '/o', { a: 2 })).status).toBe(200)
    expect(seen).toEqual([{ a: 2 }, { a: 2, b: 5 }])
    expect(await get('/o')).toMatchObject({ data: { a: 2, b: 5 } })
    expect((await call('PATCH', '/o', { a: {} })).status).toBe(400)
    await tree.delete('o')
    expect((await call('PATCH', '/o', { a: 2 })).status).toBe(404)
  })
})

it('afterWrite comes before the answer, and what it throws changes nothing about it', async () => {
  const seen: string[] = []
  const { call } = await served({
    'a/*': { afterWrite: async ({ path }) => void seen.push(path) },
    b: { afterWrite: refuse('boom') },
  })
  await call('POST', '/a/1', 1)
  await call('PATCH', '/a/1', '2')
  expect(seen).toEqual(['a/1', 'a/1'])
  expect((await call('POST', '/b', 1)).status).toBe(200)
})

it('a delete filter refuses, also through wider patterns', async () => {
  const asked: string[] = []
  const { tree, call } = await served({
    'a/kept': { delete: refuse('keep it') },
    'b/*': { delete: async (path) => void asked.push(path) },
  })
  for (const path of ['a/kept', 'a/1', 'b/1', 'b/2']) await tree.set(path, 1)
  expect(await call('DELETE', '/a/kept')).toMatchObject({ status: 400, text: 'keep it\n' })
  expect((await call('DELETE', '/a/*')).status).toBe(400)
  expect((await call('DELETE', '/*/*')).status).toBe(400)
  expect((await tree.keys()).total).toBe(4)
  expect((await call('DELETE', '/a/1')).status).toBe(204)
  expect((await call('DELETE', '/b/1')).status).toBe(204)
  expect((await call('DELETE', '/b/*')).status).toBe(204)
  expect(asked).toEqual(['b/1', 'b/*'])
})

it('of two patterns the more specific one counts', async () => {
  const { call } = await served({
    'a/*': { write: refuse('any') },
    'a/1': { write: () => undefined },
    '*/*': { delete: refuse('no') },
  })
  expect((await call('POST', '/a/1', 1)).status).toBe(200)
  expect((await call('POST', '/a/2', 1)).status).toBe(400)
  expect((await call('DELETE', '/a/1')).text).toBe('no\n')
})

it('static mode serves only what has a filter', async () => {
  const { call, server, tree } = await served(
    {
      'open/*': { open: true },
      'logs/*': { limit: { count: 10 } },
      'in/*': { write: () => undefined },
      out: { readObject: (object) => object },
    },
    { static: true },
  )
  await tree.set('out', 1)
  const statuses = async (path: string) => [
    (await call('POST', path, 1)).status,
    (await call('GET', path)).status,
    (await call('DELETE', path)).status,
  ]
  expect(await statuses('/other')).toEqual([400, 400, 400])
  expect(await statuses('/open/1')).toEqual([200, 200, 204])
  expect(await statuses('/logs/1')).toEqual([200, 200, 204])
  expect(await statuses('/in/1')).toEqual([200, 400, 400])
  expect(await statuses('/out')).toEqual([400, 200, 400])
  expect((await call('GET', '/*')).status).toBe(400)
  await expect(new StateClient().subscribe(server, '/in/1')).rejects.toThrow(/400 .*not served/)
  await new StateClient().subscribe(server, '/open/*')
})
