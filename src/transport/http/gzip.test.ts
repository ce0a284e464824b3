import { describe, expect, it } from 'vitest'
import { framesOf, gunzip, gzip, hubOf } from '../fixtures/hub.ts'
import { idsIn, logOf, pushOf } from '../fixtures/logs.ts'
import { acceptsGzip } from './gzip.ts'

describe('Accept-Encoding', () => {
  it.each([
    [null, false],
    ['', false],
    ['gzip', true],
    ['GZIP', true],
    ['x-gzip', true],
    ['deflate, gzip;q=1.0, *;q=0.5', true],
    ['gzip;q=0', false],
    ['gzip; q=0.000', false],
    ['gzip;q=0.001', true],
    ['*', true],
    ['*;q=0', false],
    ['gzip;q=0, *', false],
    ['*;q=0, gzip', true],
    ['identity', false],
    ['deflate, br', false],
    ['gzipped', false],
  ])('%j: %s', (header, accepts) => {
    expect(acceptsGzip(header)).toBe(accepts)
  })
})

describe('answers', () => {
  const accepting = { headers: { 'accept-encoding': 'gzip' } }

  it('are packed for who accepts it, and say that it depends on that', async () => {
    const hub = await hubOf(20)
    const plain = await hub.ask('events')
    const packed = await hub.ask('events', accepting)
    expect(packed.headers.get('content-encoding')).toBe('gzip')
    expect(plain.headers.has('content-encoding')).toBe(false)
    for (const { headers } of [plain, packed]) expect(headers.get('vary')).toBe('accept-encoding')
    const bytes = await packed.clone().bytes()
    expect(packed.headers.get('content-length')).toBe(String(bytes.byteLength))
    expect(await gunzip(packed.body)).toBe(await plain.text())
  })

  it('are packed from the threshold on', async () => {
    const { byteLength } = await (await (await hubOf(1)).ask('events')).bytes()
    const isPacked = async (threshold: number) => {
      const hub = await hubOf(1, { threshold })
      const { headers } = await hub.ask('events', accepting)
      expect(headers.has('vary')).toBe(headers.has('content-encoding'))
      return headers.has('content-encoding')
    }
    expect(await isPacked(byteLength)).toBe(true)
    expect(await isPacked(byteLength + 1)).toBe(false)
  })

  it('are never packed when that is switched off', async () => {
    const hub = await hubOf(20, { compress: false })
    const { headers } = await hub.ask('events', accepting)
    expect(headers.has('content-encoding') || headers.has('vary')).toBe(false)
  })

  it('to HEAD have the headers of GET', async () => {
    const hub = await hubOf(20)
    const got = await hub.ask('events', accepting)
    const head = await hub.ask('events', { ...accepting, method: 'HEAD' })
    expect([...head.headers]).toEqual([...got.headers])
    expect(await head.text()).toBe('')
  })
})

describe('requests', () => {
  const frames = logOf('laptop', 3).then(async (log) => framesOf((await pushOf(log)).changes))

  it.each(['gzip', 'x-gzip', ' GZIP '])('in %j are unpacked', async (coding) => {
    const hub = await hubOf()
    const response = await hub.push(await gzip(await frames), { 'content-encoding': coding })
    expect(response.status).toBe(200)
    expect(await idsIn(hub.log)).toEqual(['e0', 'e1', 'e2'])
  })

  it('may name identity', async () => {
    const hub = await hubOf()
    const response = await hub.push(await frames, { 'content-encoding': 'identity' })
    expect(response.status).toBe(200)
  })

  it('that are packed without saying so are refused', async () => {
    expect((await (await hubOf()).push(await gzip(await frames))).status).toBe(400)
  })
})
