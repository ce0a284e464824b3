import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { property } from '../../../test/property.ts'
import { errorIn, framesOf, gzip, type Hub, hubOf } from '../fixtures/hub.ts'
import { logOf, pushOf, someOrigin } from '../fixtures/logs.ts'

const hub = await hubOf(3)
const before = await stateOf(hub)
const { changes } = await pushOf(await logOf('laptop', 3))
const frames = new TextEncoder().encode(framesOf(changes))

describe('X1: whatever comes in gets a 4xx that says why, and changes nothing', () => {
  afterEach(async () => expect(await stateOf(hub)).toEqual(before))

  it('random bytes', async () => {
    const kinds = fc.constantFrom('events', 'events/fetch', 'hello')
    await property(
      fc.tuple(kinds, fc.uint8Array({ maxLength: 2000 }), fc.boolean()),
      async (input) => {
        const [path, bytes, isPacked] = input
        await expectRefusal(await hub.ask(queried(path), posted(path, bytes, isPacked)))
        if (isPacked) return
        const packed = await gzip(new Uint8Array(bytes))
        await expectRefusal(await hub.ask(queried(path), posted(path, packed, true)))
      },
    )
  })

  it('random JSON', async () => {
    const kinds = fc.constantFrom('events/fetch', 'hello')
    await property(fc.tuple(kinds, fc.json()), async ([path, body]) => {
      await expectRefusal(await hub.ask(path, posted(path, new TextEncoder().encode(body), false)))
    })
  })

  it('random queries', async () => {
    const name = fc.oneof(
      fc.constantFrom('after', 'count', 'bytes', 'not-via', 'origin', '__proto__', 'constructor'),
      fc.string(),
    )
    // Nothing that could be right: a stray `count=5` is a good question.
    const value = fc.string().map((text) => `!${text}`)
    const query = fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 5 })
    const path = fc.constantFrom('hello', 'events')
    await property(fc.tuple(path, query), async ([where, pairs]) => {
      await expectRefusal(await hub.ask(`${where}?${new URLSearchParams(pairs)}`))
    })
  })

  it('random paths and methods', async () => {
    const segment = fc.string().map((text) => encodeURIComponent(text))
    const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND')
    await property(
      fc.tuple(method, fc.array(segment, { maxLength: 3 })),
      async ([verb, segments]) => {
        const path = segments.join('/').replace(/^(hello|events|pull|latest-version)$/, 'x')
        const response = await hub.ask(path, { method: verb })
        expect([400, 404, 405]).toContain(response.status)
        expect(await response.json()).toEqual({ error: expect.anything() })
      },
    )
  })
})

it('X1: a page with flipped bytes is refused or taken in part, never a failure of the server', async () => {
  const flips = fc.array(
    fc.tuple(fc.nat(frames.byteLength - 1), fc.integer({ min: 1, max: 255 })),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  await property(flips, async (changed) => {
    const bytes = new Uint8Array(frames)
    for (const [at, mask] of changed) bytes[at] = (bytes[at] as number) ^ mask
    const response = await hub.push(bytes)
    if (response.status !== 200) return expectRefusal(response)
    const answer = await response.json()
    if (answer.kind !== 'reset') expect(answer.receipts.length).toBeLessThanOrEqual(3)
  })
  // An event is stored as it was sent or not at all: its hash says so.
  const page = await pushOf(hub.log)
  for (const event of page.changes) {
    const original = changes.find(({ id }) => id === event.id)
    if (original !== undefined) expect(event.dataText).toBe(original.dataText)
  }
})

async function expectRefusal(response: Response): Promise<void> {
  expect(response.status).toBeGreaterThanOrEqual(400)
  expect(response.status).toBeLessThan(500)
  expect((await errorIn(response)).message).not.toBe('')
}

function queried(path: string): string {
  return path === 'events' ? `events?origin=${someOrigin}` : path
}

function posted(path: string, body: Uint8Array, isPacked: boolean): RequestInit {
  const type = path === 'events' ? 'application/vnd.rejoin.frames' : 'application/json'
  const headers = { 'content-type': type, ...(isPacked && { 'content-encoding': 'gzip' }) }
  return { method: 'POST', headers, body: new Uint8Array(body) }
}

async function stateOf({ log }: Hub) {
  const { links, ...rest } = await log.status()
  return { ...rest, links: links.length }
}
