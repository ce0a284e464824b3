import { describe, expect, it } from 'vitest'
import { encodeEndLine, encodeFrame, type LogEvent } from '../../event/index.ts'
import { start } from '../../version/index.ts'
import { errorIn, framesOf, type Hub, hubOf, pushEnd } from '../fixtures/hub.ts'
import { idsIn, logOf, pushOf, someOrigin } from '../fixtures/logs.ts'

const events = (await pushOf(await logOf('laptop', 4))).changes as [LogEvent, LogEvent, LogEvent]

describe('a push', () => {
  it('is answered with a receipt for each event, in order', async () => {
    const hub = await hubOf()
    const response = await hub.push(framesOf(events.slice(0, 2)))
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ kind: 'applied', receipts: ['stored', 'stored'] })
    const again = await hub.push(framesOf(events))
    const receipts = ['duplicate', 'duplicate', 'stored', 'stored']
    expect(await again.json()).toEqual({ kind: 'applied', receipts })
    expect(await idsIn(hub.log)).toEqual(['e0', 'e1', 'e2', 'e3'])
  })

  it('without events moves the cursor', async () => {
    const hub = await hubOf()
    const cursor = 'AAAAAAAAAAAAAAAA.7.'
    const answer = await (await hub.push(framesOf([], { cursor, expects: start }))).json()
    expect(answer).toEqual({ kind: 'applied', receipts: [] })
    expect(await (await hub.ask(`hello?origin=${someOrigin}`)).json()).toMatchObject({
      you: { received: cursor },
    })
  })

  it('S4: that expects another cursor is answered with a reset, and with what hello tells', async () => {
    const hub = await hubOf()
    await hub.push(framesOf(events, { cursor: 'AAAAAAAAAAAAAAAA.4.', expects: start }))
    const end = { cursor: 'AAAAAAAAAAAAAAAA.7.', expects: 'AAAAAAAAAAAAAAAA.3.' }
    const answer = await (await hub.push(framesOf([], end))).json()
    const { origin, you } = await (await hub.ask(`hello?origin=${someOrigin}`)).json()
    expect(answer).toEqual({ kind: 'reset', standing: { origin, you } })
    expect(you.received).toBe('AAAAAAAAAAAAAAAA.4.')
  })

  it('names parents it lacks', async () => {
    const writer = await logOf('writer')
    await writer.append([{ id: 'first', type: 'T', aggregateId: 'a' }])
    await writer.append([{ id: 'second', type: 'T', aggregateId: 'a' }])
    const { changes } = await pushOf(writer)
    const hub = await hubOf()
    const answer = await (await hub.push(framesOf(changes.slice(1)))).json()
    expect(answer).toEqual({ kind: 'applied', receipts: [{ missing: ['first'] }] })
  })

  it('of an event that breaks a rule stores every good neighbour', async () => {
    const hub = await hubOf()
    const bad = encodeFrame(events[1]).replace('"at":1', '"at":7')
    const body = encodeFrame(events[0]) + bad + encodeFrame(events[2]) + encodeEndLine(pushEnd)
    const { receipts } = await (await hub.push(body)).json()
    expect(receipts).toEqual([
      'stored',
      { rejected: 'invalid', message: expect.stringContaining('hash'), retryable: false },
      'stored',
    ])
    expect(await idsIn(hub.log)).toEqual(['e0', 'e2'])
  })

  it('of an id that is known with other content is refused for that event alone', async () => {
    const other = await logOf('other')
    await other.append([{ id: 'e0', type: 'Other', aggregateId: 'a0', data: 1 }])
    const hub = await hubOf()
    await hub.push(framesOf((await pushOf(other)).changes))
    const { receipts } = await (await hub.push(framesOf(events))).json()
    expect(receipts).toMatchObject([{ rejected: 'id_conflict' }, 'stored', 'stored', 'stored'])
  })
})

describe('X1: a page whose form is broken is a 400 and stores nothing', () => {
  const whole = framesOf(events)
  const first = encodeFrame(events[0])

  it.each([
    ['nothing', ''],
    ['no end line', first],
    ['a payload line missing', `${first.split('\n')[0]}\n${encodeEndLine(pushEnd)}`],
    ['something after the end line', `${whole}${first}`],
    ['a header that is not JSON', `{"id":}\n1\n${whole}`],
    ['a header that is no object', `[]\n1\n${whole}`],
    ['an end line without cursors', framesOf(events, {})],
    ['an end line with a number for a cursor', framesOf(events, { cursor: 1, expects: '' })],
    [
      'an end line with a cursor of control characters',
      framesOf(events, { cursor: '\n', expects: '' }),
    ],
    ['a byte order mark', `\ufeff${whole}`],
    ['JSON', '[]'],
  ])('%s', async (_, body) => {
    await expectRefused(await hubOf(), body)
  })

  it('cut at any byte', async () => {
    const bytes = new TextEncoder().encode(framesOf(events.slice(0, 2)))
    const hub = await hubOf()
    for (let length = 0; length < bytes.byteLength; length++)
      await expectRefused(hub, bytes.slice(0, length))
  })

  it('bytes that are not UTF-8', async () => {
    await expectRefused(await hubOf(), new Uint8Array([0xff, 0xfe, 0x0a]))
  })
})

describe('X1: the kind of a body', () => {
  it.each([
    [{ 'content-type': 'application/json' }],
    [{ 'content-type': 'text/plain' }],
    [{ 'content-type': '' }],
    [{ 'content-encoding': 'deflate' }],
    [{ 'content-encoding': 'br' }],
    [{ 'content-encoding': 'gzip, gzip' }],
  ])('%j is a 415', async (headers) => {
    const hub = await hubOf()
    const response = await hub.push(framesOf(events), headers as HeadersInit)
    expect(response.status).toBe(415)
    expect((await errorIn(response)).code).toBe('invalid_argument')
    expect(await idsIn(hub.log)).toEqual([])
  })

  it('parameters and case of the media type do not matter', async () => {
    const headers = { 'content-type': 'Application/vnd.Rejoin.frames; charset=utf-8' }
    expect((await (await hubOf()).push(framesOf(events), headers)).status).toBe(200)
  })
})

async function expectRefused(hub: Hub, body: RequestInit['body']): Promise<void> {
  const response = await hub.push(body)
  expect(response.status).toBe(400)
  expect((await errorIn(response)).code).toBe('invalid_frame')
  expect(await idsIn(hub.log)).toEqual([])
}
