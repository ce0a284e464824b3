import { describe, expect, it } from 'vitest'
import type { LogEvent } from '../../event/index.ts'
import { MemoryStore } from '../../store/memory/index.ts'
import { handDriven } from '../fixtures/hand-driven.ts'
import { errorIn, framesOf, gzip, type Hub, hubOf, streamOf } from '../fixtures/hub.ts'
import { idsIn, logOf, pushOf } from '../fixtures/logs.ts'
import { logHandler } from './handler.ts'
import type { HttpLimitOptions } from './limits.ts'

const events = (await pushOf(await logOf('laptop', 3))).changes
const body = new TextEncoder().encode(framesOf(events))
const size = body.byteLength
const packed = await gzip(body)
const gzipped = { 'content-encoding': 'gzip' }

describe('X1: limits of a body', () => {
  it('at its limit passes, one byte over is a 413, announced or not', async () => {
    for (const [bodyBytes, status] of [
      [size, 200],
      [size - 1, 413],
    ] as const) {
      expect(await pushed({ bodyBytes }, body)).toBe(status)
      expect(await pushed({ bodyBytes }, inPieces(body))).toBe(status)
      expect(await pushed({ bodyBytes }, body, { 'content-length': String(size) })).toBe(status)
    }
  })

  it('that announces too much is not read at all', async () => {
    const hub = await hubOf(0, { limits: { bodyBytes: 100 } })
    let read = 0
    const stream = new ReadableStream<Uint8Array>(
      { pull: (controller) => controller.enqueue(new Uint8Array(++read)) },
      { highWaterMark: 0 },
    )
    const response = await hub.push(stream, { 'content-length': '101' })
    expect(response.status).toBe(413)
    expect(read).toBe(0)
  })

  it('packed: both sizes count, each at its limit and over', async () => {
    const bodyBytes = packed.byteLength
    expect(bodyBytes).toBeLessThan(size)
    const limits = { bodyBytes, unpackedBytes: size }
    expect(await pushed(limits, packed, gzipped)).toBe(200)
    expect(await pushed({ ...limits, bodyBytes: bodyBytes - 1 }, packed, gzipped)).toBe(413)
    expect(await pushed({ ...limits, unpackedBytes: size - 1 }, packed, gzipped)).toBe(413)
    expect(await pushed({ ...limits, unpackedBytes: size - 1 }, inPieces(packed), gzipped)).toBe(
      413,
    )
  })

  it('unpacked, the smaller of both sizes counts', async () => {
    expect(await pushed({ unpackedBytes: size }, body)).toBe(200)
    expect(await pushed({ unpackedBytes: size - 1 }, body)).toBe(413)
  })

  it('names the limit', async () => {
    const hub = await hubOf(0, { limits: { bodyBytes: 10 } })
    expect(await errorIn(await hub.push(body))).toMatchObject({
      code: 'too_large',
      message: 'the body is larger than 10 bytes',
      details: { limit: 10 },
    })
  })

  it.each([
    ['not gzip', body],
    ['empty', new Uint8Array()],
    ['cut short', packed.slice(0, -5)],
    ['with a wrong checksum', packed.with(-6, (packed.at(-6) as number) ^ 1)],
    ['followed by something else', new Uint8Array([...packed, 1, 2, 3])],
  ])('gzip that is %s is a 400', async (_, bytes) => {
    expect(await pushed({}, bytes, gzipped)).toBe(400)
  })
})

describe('X1: limits of what a body holds', () => {
  it('events in one push', async () => {
    expect(await pushed({ count: 3 }, body)).toBe(200)
    expect(await pushed({ count: 2 }, body)).toBe(413)
  })

  it.each<[string, HttpLimitOptions['event'], HttpLimitOptions['event']]>([
    ['bytes of an event', { eventBytes: 13 }, { eventBytes: 12 }],
    ['bytes of an id', { idBytes: 7 }, { idBytes: 6 }],
    ['depth of a payload', { jsonDepth: 2 }, { jsonDepth: 1 }],
  ])('%s: at the limit it is stored, over it the event is refused', async (_, at, over) => {
    const writer = await MemoryStore.open({ node: 'writer' })
    await writer.append([{ id: '1234567', type: 'T', aggregateId: 'a', data: { a: [1, 2, 3] } }])
    const frames = framesOf((await pushOf(writer)).changes)
    const receipts = async (event: HttpLimitOptions['event'] = {}) => {
      const hub = await hubOf(0, { limits: { event } })
      return (await (await hub.push(frames)).json()).receipts
    }
    expect(await receipts(at)).toEqual(['stored'])
    expect(await receipts(over)).toEqual([expect.objectContaining({ rejected: 'invalid' })])
  })

  it('events and bytes in one page', async () => {
    const hub = await hubOf(5, { limits: { count: 2 } })
    expect(framesIn(await (await hub.ask('events?count=100')).text())).toBe(2)
    const small = await hubOf(5, { limits: { bytes: 1 } })
    expect(framesIn(await (await small.ask('events?bytes=1000000')).text())).toBe(1)
  })
})

describe('X1: a body that comes slowly', () => {
  const limits = { bodyIdle: 10_000, bodyTime: 60_000 }

  it('is given up when nothing comes for too long', async () => {
    const { hub, runtime, source, feed } = await slowHub(limits)
    const response = hub.push(source)
    for (let wait = 0; wait < 3; wait++) {
      await feed(1)
      runtime.pass(9_999)
    }
    await feed(1)
    runtime.pass(10_000)
    await expectLate(await response, hub)
    expect(runtime.pending).toBe(0)
  })

  it('is given up when the whole takes too long, however steadily it comes', async () => {
    const { hub, runtime, source, feed } = await slowHub(limits)
    const response = hub.push(source)
    for (let wait = 0; wait < 12; wait++) {
      await feed(1)
      runtime.pass(5_000)
    }
    await expectLate(await response, hub)
    expect(runtime.pending).toBe(0)
  })

  it('is taken when it is just in time', async () => {
    const { hub, runtime, source, feed, end } = await slowHub(limits)
    const response = hub.push(source)
    runtime.pass(9_999)
    await feed(size)
    runtime.pass(9_999)
    end()
    expect((await response).status).toBe(200)
    expect(runtime.pending).toBe(0)
  })
})

describe('X1: what all bodies hold together', () => {
  it('has a budget; whoever goes beyond it is asked to come back, and then served', async () => {
    const runtime = handDriven()
    const hub = await hubOf(0, { runtime, limits: { bufferedBytes: 10_000 } })
    const large = (controller: ReadableStreamDefaultController) =>
      controller.enqueue(new Uint8Array(8_000))
    const hog = hub.push(new ReadableStream({ start: large }))
    await settled()
    const refused = await hub.push(new ReadableStream({ start: large }))
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(await errorIn(refused)).toMatchObject({ code: 'unavailable', retryable: true })
    const announced = await hub.push(body, { 'content-length': '9000' })
    expect(announced.status).toBe(503)
    runtime.pass(60_000)
    expect((await hog).status).toBe(408)
    expect((await hub.push(body)).status).toBe(200)
  })
})

describe('limits', () => {
  it.each([{ count: 0 }, { bodyBytes: -1 }, { bodyTime: 1.5 }, { event: { jsonDepth: 0 } }])(
    'that make no sense are refused: %j',
    async (limits) => {
      const log = await logOf('hub')
      expect(() => logHandler(log, { limits })).toThrow(/must be a whole number/)
    },
  )
})

async function pushed(
  limits: HttpLimitOptions,
  bytes: RequestInit['body'],
  headers: HeadersInit = {},
): Promise<number> {
  const hub = await hubOf(0, { limits })
  const { status } = await hub.push(bytes, headers)
  expect(await idsIn(hub.log)).toEqual(status === 200 ? events.map(idOf) : [])
  return status
}

async function slowHub(limits: HttpLimitOptions) {
  const runtime = handDriven()
  const hub = await hubOf(0, { runtime, limits })
  let sink: ReadableStreamDefaultController<Uint8Array> | undefined
  let sent = 0
  const source = new ReadableStream<Uint8Array>({
    start(controller) {
      sink = controller
    },
  })
  await settled()
  return {
    hub,
    runtime,
    source,
    async feed(bytes: number) {
      sink?.enqueue(body.slice(sent, sent + bytes))
      sent += bytes
      await settled()
    },
    end: () => sink?.close(),
  }
}

async function expectLate(response: Response, hub: Hub): Promise<void> {
  expect(response.status).toBe(408)
  expect(await errorIn(response)).toMatchObject({ code: 'timeout', retryable: true })
  expect(await idsIn(hub.log)).toEqual([])
}

/** Once everything that could go on has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function inPieces(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return streamOf(Array.from(bytes, (_, at) => bytes.slice(at, at + 1)))
}

function framesIn(text: string): number {
  return text.split('\n').filter((line) => line.startsWith('{"id"')).length
}

function idOf({ id }: LogEvent): string {
  return id
}
