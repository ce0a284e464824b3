import { expect, it } from 'vitest'
import { StateObject } from '../../contracts/index.ts'
import { openState } from '../index.ts'
import { stateServer } from './state-server.ts'

it('a read asks whoever stands in front of a tree, also where the tree is at hand', async () => {
  await using tree = await openState()
  await tree.set('a', 1)
  const asked: string[] = []
  tree.get = async <Data>(path: string) => {
    asked.push(path)
    return new StateObject<Data>({ created: 1n, updated: 0n, path, dataText: '"instead"' })
  }
  await using server = stateServer(tree)
  const response = await server.handle(new Request('http://localhost/a'))
  expect(await response.json()).toMatchObject({ data: 'instead' })
  expect(asked).toEqual(['a'])
})

it('a read of a tree that is closed is refused as one that has to wait is', async () => {
  const tree = await openState()
  await using server = stateServer(tree)
  await tree.close()
  const [one, list] = await Promise.all(
    ['a', '*'].map((path) => server.handle(new Request(`http://localhost/${path}`))),
  )
  expect(one?.status).toBe(list?.status)
  expect(await one?.text()).toBe(await list?.text())
})
