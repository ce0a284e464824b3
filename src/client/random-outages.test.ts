import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { property } from '../../test/property.ts'
import { systemRuntime } from '../runtime/index.ts'
import { liveServer } from './fixtures/live-server.ts'
import { connectState } from './index.ts'

const path = fc.constantFrom('users/a', 'users/b', 'users/c')
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ set: path, data: fc.jsonValue({ maxDepth: 2 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      patch: path,
      data: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 }), { noNullPrototype: true }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ delete: fc.constantFrom('users/a', 'users/b', 'users/*') }) },
  {
    weight: 1,
    arbitrary: fc.record({ network: fc.constantFrom('cut' as const, 'heal' as const) }),
  },
)

it('T3: whatever is written in whatever outages, in the end all have the same, and no write is lost', {
  timeout: 120_000,
}, async () => {
  await property(
    fc.array(step, { maxLength: 30 }),
    async (steps) => {
      await using server = await liveServer()
      await using reference = await liveServer()
      await using client = connectState(server.url, {
        runtime: { ...systemRuntime, random: () => 0 },
        offline: { onRefused() {} },
      })
      await using direct = connectState(reference.url)
      const list = client.subscribeList('users/*')
      const one = client.subscribe('users/a')
      for (const each of steps) {
        if ('network' in each) await (each.network === 'cut' ? server.stop() : server.start())
        else
          for (const to of [client, direct]) {
            // What a patch does not fit is refused on both, now or later.
            if ('set' in each) await to.set(each.set, each.data)
            else if ('patch' in each) await to.patch(each.patch, each.data).catch(() => {})
            else await to.delete(each.delete)
          }
      }
      await server.start()
      client.nudge()
      expect(await client.flush()).toBe(0)
      const dataIn = async ({ tree }: typeof server) =>
        Object.fromEntries(
          (await tree.list('users/*')).map((object) => [object.path, object.dataText]),
        )
      expect(await dataIn(server)).toEqual(await dataIn(reference))
      const held = await server.tree.list('users/*')
      const texts = held.map(({ text }) => text)
      await vi.waitFor(() => {
        expect(list.value?.map(({ text }) => text)).toEqual(texts)
        expect(one.isLoaded).toBe(true)
        expect(one.value?.text).toBe(held.find(({ index }) => index === 'a')?.text)
      })
    },
    25,
  )
})
