import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventually } from '../../test/options/each-option.ts'
import { property } from '../../test/property.ts'
import { handDriven } from '../transport/fixtures/hand-driven.ts'
import { handSockets } from './fixtures/hand-sockets.ts'
import { connectState } from './index.ts'

const objectText = (data: string, at = 1) =>
  `{"created":${at},"updated":0,"index":"box","path":"box","data":${data}}`
const snapshot = (data: string, version = '1') =>
  `{"data":${data},"version":"${version}","snapshot":true}`
const patch = (operations: string, version = '2') =>
  `{"data":${operations},"version":"${version}","snapshot":false}`

const boxIs1 = snapshot(objectText('1'))
const boxIs2 = patch('[{"op":"replace","path":"/data","value":2}]')

/** A subscription whose server is the test. */
async function following(path: 'box' | 'box/*' = 'box') {
  const { Hand, sockets } = handSockets()
  const fetch = async () => new Response('')
  const client = connectState('http://hub.test', { WebSocket: Hand, fetch, runtime: handDriven() })
  const troubles: string[] = []
  const options = {
    onConnectivity: (now: string, trouble?: { code: string }) =>
      void troubles.push(trouble ? `${now} ${trouble.code}` : now),
  }
  const box =
    path === 'box'
      ? client.subscribe(path, undefined, options)
      : client.subscribeList(path, undefined, options)
  await eventually(() => sockets.length === 1)
  sockets[0]?.open()
  return { client, box, sockets, troubles, say: (frame: unknown) => sockets.at(-1)?.say(frame) }
}

describe('X1: what a server says that makes no sense', () => {
  it.each<[string, unknown]>([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['bytes that are not UTF-8', new Uint8Array([0xff, 0xfe]).buffer],
    ['something else than text or bytes', 7],
    ['no data', '{"version":"1","snapshot":true}'],
    ['no version', '{"data":{},"snapshot":true}'],
    ['a version that could be more than one', '{"data":{},"version":"1&x=2","snapshot":true}'],
    ['neither snapshot nor patch', '{"data":{},"version":"1"}'],
    ['a patch on nothing', boxIs2],
    ['a list where one object is meant', snapshot('[]')],
    ['times that are none', snapshot('{"created":"x","updated":0,"data":1}')],
  ])('at first ends the subscription with "protocol": %s', async (_, frame) => {
    const { client, box, troubles, say } = await following()
    say(frame)
    await eventually(() => box.connectivity === 'ended')
    expect(troubles).toEqual(['ended protocol'])
    await expect(box[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'protocol' })
    await client.close()
  })

  it.each([
    ['a patch that does not fit', patch('[{"op":"remove","path":"/none"}]')],
    ['a patch that is none', patch('7')],
    ['a patch that makes no object of it', patch('[{"op":"replace","path":"","value":[]}]')],
    ['no JSON', '}'],
  ])('later leaves the value, and is mended by a snapshot: %s', async (_, frame) => {
    const { client, box, sockets, say } = await following()
    say(boxIs1)
    say(frame)
    await eventually(() => box.connectivity === 'waiting')
    expect(box.value).toMatchObject({ dataText: '1' })
    client.nudge()
    await eventually(() => sockets.length === 2)
    expect(sockets[1]?.url).toBe('ws://hub.test/box')
    sockets[1]?.open()
    say(snapshot(objectText('3'), '3'))
    expect([box.connectivity, box.value]).toMatchObject(['live', { dataText: '3' }])
    await client.close()
  })

  it('of any form: the value is always one that was told, and nothing is left hanging', async () => {
    const good = fc.constantFrom(boxIs1, boxIs2, snapshot(objectText('{"__proto__":1}', 5)))
    const bad = fc.oneof(
      fc.json().map((data) => snapshot(data)),
      fc.json().map((data) => patch(data)),
      fc.string(),
      fc.uint8Array().map(({ buffer }) => buffer),
      fc
        .tuple(good, fc.nat(120), fc.string({ minLength: 1, maxLength: 3 }))
        .map(([text, at, more]) => text.slice(0, at) + more + text.slice(at + 1)),
    )
    await property(fc.array(fc.oneof(good, bad), { maxLength: 6 }), async (frames) => {
      const { client, box, say } = await following()
      for (const frame of frames) say(frame)
      await eventually(() => box.connectivity !== 'connecting' || frames.length === 0)
      if (box.isLoaded && box.value !== undefined)
        expect(box.value).toMatchObject({ created: expect.any(BigInt) })
      await client.close()
      await eventually(() => box.connectivity === 'ended')
    })
    expect(({} as Record<string, unknown>).data).toBeUndefined()
  })

  it('in a list ends it as well', async () => {
    const { client, box, say } = await following('box/*')
    say(snapshot(`[${objectText('1')},{"created":0,"updated":0,"index":"","data":{}}]`))
    await eventually(() => box.connectivity === 'ended')
    await client.close()
  })
})

it('Go says null for an empty list, and no path: it is made of pattern and index', async () => {
  const { client, box, say } = await following('box/*')
  say(snapshot('null'))
  expect(box.value).toEqual([])
  say(snapshot('[{"created":7,"updated":0,"index":"one","data":1}]', '2'))
  expect(box.value).toMatchObject([{ path: 'box/one', dataText: '1' }])
  await client.close()
})
