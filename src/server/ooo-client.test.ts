import { beforeAll, describe, expect, it } from 'vitest'
import { type OooClient, oooClient } from '../state/fixtures/ooo-client.ts'
import { servedTree } from './fixtures/served.ts'

describe('the npm package ooo-client', () => {
  const state = [{ name: 'something 🧰' }, { name: 'still something 💾' }]
  const empty = { created: 0, updated: 0, index: '', data: {} }

  let ooo: (url: string) => OooClient

  beforeAll(async () => {
    ooo = await oooClient()
  })

  it('follows one object, as its readme shows', async () => {
    await using server = await servedTree()
    const { host, port } = server
    const client = ooo(`${host}:${port}/box`)
    const told = await toldTo(client, 4, async () => {
      await client.publish('box', state[0])
      await client.publish('box', state[1])
      await client.unpublish('box')
    })
    expect(told).toMatchObject([
      empty,
      { updated: 0, index: 'box', data: state[0] },
      { index: 'box', data: state[1] },
      empty,
    ])
    expect((told[2] as { updated: number }).updated).toBeGreaterThan(0)
  })

  it('follows a list, as its readme shows', async () => {
    await using server = await servedTree()
    const { host, port } = server
    const client = ooo(`${host}:${port}/box/*`)
    const told = await toldTo(client, 5, async () => {
      const id = await client.publish('box/*', state[0])
      await client.publish(`box/${id}`, state[1])
      await client.publish('box/custom', { name: 'custom' })
      await client.unpublish('box/*')
    })
    expect(told).toMatchObject([
      [],
      [{ data: state[0], updated: 0 }],
      [{ data: state[1] }],
      [{ index: 'custom' }, { data: state[1] }],
      [],
    ])
  })

  it('follows many changes of a list, and its end', async () => {
    await using server = await servedTree()
    const { host, port } = server
    const client = ooo(`${host}:${port}/things/*`)
    const told = await toldTo(client, 22, async () => {
      const ids: string[] = []
      for (let at = 0; at < 10; at++) ids.push(await client.publish('things/*', { name: at }))
      for (const id of ids) await client.publish(`things/${id}`, { name: id })
      await client.unpublish('things/*')
    })
    expect([told[0], told.at(-1)]).toEqual([[], []])
    expect(told.at(-2)).toHaveLength(10)
  })

  it('reads the clock', async () => {
    await using server = await servedTree()
    const { host, port } = server
    const client = ooo(`${host}:${port}`)
    const [first, second] = (await toldTo(client, 2)) as number[]
    expect(first).toBeGreaterThan(1.7e18)
    expect(second).toBeGreaterThan(first as number)
  })

  it('comes back with its version, and hears of what it missed', async () => {
    await using server = await servedTree()
    const { host, port, tree } = server
    const client = ooo(`${host}:${port}/box`)
    client.reconnectInterval = 10
    const told: unknown[] = []
    await tree.set('box', 1)
    await new Promise<void>((resolve) => {
      client.onclose = () => void tree.set('box', 3)
      client.onmessage = async (value: { data: unknown }) => {
        told.push(value.data)
        if (told.length === 1) await tree.set('box', 2)
        else if (told.length === 2) client.close(true)
        else resolve()
      }
    })
    client.onclose = () => {}
    client.close()
    expect(told).toEqual([1, 2, 3])
  })

  it('lies frozen with its page, and goes on with its version', async () => {
    await using server = await servedTree()
    const { host, port, tree } = server
    await tree.set('box', 1)
    const client = ooo(`${host}:${port}/box`)
    const told: unknown[] = []
    const page = (globalThis as unknown as { document: EventTarget }).document
    await new Promise<void>((resolve) => {
      client.onmessage = (value: { data: unknown }) => {
        told.push(value.data)
        if (told.length === 1) page.dispatchEvent(new Event('freeze'))
        else resolve()
      }
      client.onclose = async () => {
        await tree.set('box', 2)
        page.dispatchEvent(new Event('resume'))
      }
    })
    expect(client.ws.url).toMatch(/\?v=[0-9a-f]+$/)
    client.onclose = () => {}
    client.close()
    expect(told).toEqual([1, 2])
  })

  it('gets lists through patterns of several levels', async () => {
    await using server = await servedTree()
    const { host, port, tree } = server
    const client = ooo(`${host}:${port}`)
    expect(await client.get('*')).toEqual([])
    await client.publish('box/1/things/1', { name: 'a thing in box 1' })
    await client.publish('box/2/things/0', { name: 'a thing in box 2' })
    expect(await client.get('box/*/things/*')).toMatchObject([
      { path: 'box/2/things/0' },
      { path: 'box/1/things/1' },
    ])
    expect(await client.get('box/2/things/0')).toMatchObject({ index: '0' })
    client.close()
    expect((await tree.keys()).total).toBe(2)
  })

  it('gets an object and what the server says about itself', async () => {
    await using server = await servedTree()
    const { host, port, tree } = server
    await tree.set('box', 1)
    const client = ooo(`${host}:${port}/box`)
    await toldTo(client, 1)
    expect(await client.get('box')).toMatchObject({ data: 1 })
    expect(await client.stats()).toMatchObject({ name: 'rejoin' })
  })
})

/** Its messages, so many of them; `work` is done once it is open. */
function toldTo(
  client: OooClient,
  count: number,
  work: () => Promise<void> = async () => {},
): Promise<unknown[]> {
  const told: unknown[] = []
  return new Promise((resolve, reject) => {
    client.onopen = () => work().catch(reject)
    client.onerror = reject
    client.onmessage = (value: unknown) => {
      told.push(structuredClone(value))
      if (told.length < count) return
      client.close()
      resolve(told)
    }
  })
}
