import { expect, it } from 'vitest'
import type { GoServer } from './fixtures/go-server.ts'
import { type UnderUs, underUs } from './fixtures/under-us.ts'

it('K1: what a node sends out of order does not make it drop what it has not sent yet', async () => {
  await using cluster = await underUs(1)
  await sentOutOfOrder(cluster)
})

it('K1: nor when another node has to hear of it', async () => {
  await using cluster = await underUs(2)
  const [, other] = cluster.nodes as [GoServer, GoServer]
  await sentOutOfOrder(cluster)
  expect(namesOn(other)).toEqual(['latest', 'second', 'third'])
})

/** As the original's workers do it: three writes on their way, and the newest of them is the first to arrive. */
async function sentOutOfOrder({ leader, nodes, settled }: UnderUs): Promise<void> {
  const [node] = nodes as [GoServer]
  await settled()
  const send = node.storage.onEvent
  const waiting: (() => void)[] = []
  node.storage.onEvent = (event) => waiting.push(() => send(event))
  for (const name of ['third', 'second']) node.storage.set(`users/${name}`, '1')
  node.storage.onEvent = send
  await node.set('users/latest', 1)
  await settled()
  // Others may ask as well.
  await node.beforeRead()
  waiting.pop()?.()
  await settled()
  await node.beforeRead()
  waiting.pop()?.()
  await settled()
  const all = ['latest', 'second', 'third']
  expect(namesOn(node)).toEqual(all)
  const objects = await leader.tree.list('users/*')
  expect(objects.map(({ index }) => index).toSorted()).toEqual(all)
}

function namesOn({ storage }: GoServer): string[] {
  return storage
    .list('users/*')
    .map(({ index }) => index)
    .toSorted()
}
