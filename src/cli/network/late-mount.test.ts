import { expect, it } from 'vitest'
import { openState, stateServer } from '../../state/index.ts'
import { MemoryStore } from '../../store/memory/index.ts'
import { HandSocket, ours, say } from '../../transport/fixtures/hand-socket.ts'
import { logSockets } from '../../transport/websocket/index.ts'
import { LateCluster, LateMount, LateState } from './late-mount.ts'

it('what is not there yet is said to come', async () => {
  const late = new LateMount()
  const request = new Request('http://localhost/sync/hello')
  const early = await late.answer(request)
  expect([early.status, early.headers.get('retry-after')]).toEqual([503, '1'])
  expect(await early.json()).toMatchObject({ error: { code: 'unavailable', retryable: true } })
  late.serve(() => new Response('here'), logSockets(await MemoryStore.open()))
  expect(await (await late.answer(request)).text()).toBe('here')
})

it('who connects before it is there is asked to come back', async () => {
  const late = new LateMount()
  const early = new HandSocket()
  late.sockets.accept(early)
  expect(early.closed).toEqual({ code: 1013, reason: 'the log is being opened' })
  late.serve(() => new Response('here'), logSockets(await MemoryStore.open()))
  const socket = new HandSocket()
  say(late.sockets.accept(socket), 'open', 0, ours)
  expect(socket.texts('ready')).toHaveLength(1)
})

it('state that is not there yet is said to come, to subscribers as well', async () => {
  await using late = new LateState()
  const request = new Request('http://localhost/a')
  for (const early of [await late.handle(request), await late.admit(request)])
    expect(early).toMatchObject({ status: 503 })
  await using tree = await openState()
  late.serve(stateServer(tree))
  expect((await late.handle(request)).status).toBe(404)
  const admission = await late.admit(request)
  if (admission instanceof Response) throw new Error(await admission.text())
  admission.abandon()
})

it('a part in a cluster that is not there yet is said to come, to the other servers as well', async () => {
  const late = new LateCluster()
  const path = '/_rejoin/state/main/ws'
  const request = new Request(`http://localhost${path}`)
  expect(await late.handle(request)).toMatchObject({ status: 503 })
  expect(late.sockets('/users/1')).toBeUndefined()
  const early = new HandSocket()
  late.sockets(path)?.accept(early)
  expect(early.closed).toMatchObject({ code: 1013 })
  const sockets = logSockets(await MemoryStore.open())
  late.serve({ handle: async () => new Response('here'), sockets: () => sockets })
  expect(await (await late.handle(request)).text()).toBe('here')
  expect(late.sockets(path)).toBe(sockets)
})
