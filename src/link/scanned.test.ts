import { expect, it } from 'vitest'
import { copyOf, expectSame, machine, sync, write } from '../../test/fleet.ts'
import { level, linked, phase, until } from '../../test/linked.ts'
import { scriptedStore } from '../testing/doubles/scripted.ts'
import { start } from '../version/index.ts'

it('L4: a live link writes no push checkpoint for pages that it only takes in', async () => {
  const { laptop, hub, replica, link } = await follower()
  const before = laptop.records.length
  for (let n = 0; n < 20; n++) {
    await write(hub, 'a', `h${n}`)
    await level(laptop, hub)
  }
  expect(settled(replica)).toBe(0)
  expect(laptop.records.length).toBe(before + 20)
  // What it writes itself goes, and takes the checkpoint along.
  await write(laptop, 'a', 'l1')
  await level(laptop, hub)
  const { origin } = await hub.store.identity()
  const { end } = await laptop.store.identity()
  await until(async () => (await laptop.store.link(origin)).pushed === end)
  expect(settled(replica)).toBe(1)
  expect(link.phase).toBe('live')
  await link.close()
})

it('S2: and one that crashes before it wrote it pushes what is its own, once', async () => {
  const { laptop, hub, link } = await follower()
  await write(hub, 'a', 'h1', 'h2')
  await level(laptop, hub)
  const { origin } = await hub.store.identity()
  expect((await laptop.store.link(origin)).pushed).toBe(start)
  await link.close({ flush: false })
  const again = await machine('laptop', [...laptop.records])
  await write(again, 'a', 'l1')
  expect((await sync(again, hub)).pushed).toBe(1)
  await expectSame(again, hub)
})

it('S4: and one that starts over meanwhile sends again what came over it', async () => {
  const { laptop, hub, link } = await follower()
  const backup = hub.records.length
  await write(hub, 'a', 'h1', 'h2')
  await level(laptop, hub)
  const restored = await copyOf(hub, backup)
  await link.close()
  await sync(laptop, restored)
  await expectSame(laptop, restored)
})

it('S2: it is written now and then, so that a crash has little to read again', async () => {
  const { laptop, hub, replica, link } = await follower()
  const many = Array.from({ length: 700 }, (_, n) => ({ type: 'noted', aggregateId: `a${n}` }))
  for (let times = 0; times < 3; times++) {
    await hub.store.append(many)
    await until(async () => (await laptop.store.status()).events === BigInt(700 * (times + 1)))
  }
  await until(() => settled(replica) > 0)
  expect(settled(replica)).toBeLessThan(4)
  await link.close()
})

/** A laptop that has followed a hub from its first event on, and pushed nothing. */
async function follower() {
  const laptop = await machine('laptop')
  const replica = scriptedStore(laptop.store)
  const { hub, link } = await linked({ replica })
  link.start()
  await phase(link, 'live')
  return { laptop, hub, replica, link }
}

function settled({ script }: Awaited<ReturnType<typeof follower>>['replica']): number {
  return script.calls.filter(({ method }) => method === 'settle').length
}
