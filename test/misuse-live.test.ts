import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectState } from '../src/client/index.ts'
import { RejoinError } from '../src/errors/index.ts'
import { Link } from '../src/link/index.ts'
import { serve } from '../src/server/index.ts'
import { openState, type StateTree, stateServer } from '../src/state/index.ts'
import { MemoryStateStorage, MemoryStore } from '../src/store/memory/index.ts'
import { memoryTransport } from '../src/transport/memory/index.ts'
import { logSockets } from '../src/transport/websocket/index.ts'

// Calls as JavaScript makes them: without types.
// biome-ignore lint/suspicious/noExplicitAny: misuse is what the types forbid
type Untyped = any

// Nobody listens on the port of discard; misuse is told before anything is asked there.
const url = 'http://127.0.0.1:9'
const onRefused = () => {}
let tree: StateTree
let state: Untyped
let client: Untyped
let queueing: Untyped
let link: Untyped
let log: Untyped

beforeAll(async () => {
  state = tree = await openState()
  await tree.set('a', 1)
  client = connectState(url)
  queueing = connectState(url, { offline: { onRefused } })
  log = await MemoryStore.open()
  link = new Link(setup())
})

afterAll(() => Promise.all([state, client, queueing, link].map((one) => one.close())))

const cases: readonly (readonly [string, () => unknown, RegExp])[] = [
  ['openState: cache', () => openState({ cache: 'no' } as Untyped), /cache.*true or false/],
  ['openState: runtime', () => openState({ runtime: {} } as Untyped), /runtime/],
  ['openState: collecting', () => openState({ collecting: 5 } as Untyped), /collecting/],
  ['openState: clock', () => openState({ clock: { bound: -1 } }), /clock\.bound/],
  [
    'openState: clock of another',
    async () => openState({ storage: await memory(), clock: {} }),
    /clock/,
  ],
  ['a storage: runtime', () => MemoryStateStorage.open({ runtime: {} } as Untyped), /runtime/],
  ['set in a list', () => state.set('a/*', 1, { expected: 'some' }), /expected.*left out with a/],
  ['late', () => state.late(null), /options/],
  ['late: signal', () => state.late({ signal: 5 }), /signal/],
  ['late: count', () => state.late({ count: 0 }), /count/],
  ['restoreLate', () => state.restoreLate(), /late is missing/],
  ['restoreLate of what is none', () => state.restoreLate({}), /late\.change/],
  ['restoreLate: options', () => state.restoreLate({ change: {} }, null), /options/],
  ['forgetLate', () => state.forgetLate('all'), /late.*a list/],
  ['forgetLate of nothing', () => state.forgetLate([null]), /each of late/],
  ['forgetLate: signal', () => state.forgetLate([], { signal: {} }), /signal/],
  ['stateServer: runtime', () => stateServer(tree, { runtime: {} } as Untyped), /runtime/],
  ['serve: runtime', () => serve({ mounts: {}, port: 0, runtime: {} } as Untyped), /runtime/],
  ['logSockets', () => logSockets(5 as Untyped), /replica/],
  ['logSockets: runtime', () => logSockets(log, { runtime: {} } as Untyped), /runtime/],
  ['connectState: signal', () => connectState(url, { signal: {} } as Untyped), /signal/],
  ['connectState: runtime', () => connectState(url, { runtime: 5 } as Untyped), /runtime/],
  ['get: signal', () => client.get('a', {}), /signal/],
  ['list: signal', () => client.list('a/*', { signal: 5 }), /signal/],
  ['keys: signal', () => client.keys({ signal: 5 }), /signal/],
  ['flush: signal', () => client.flush('soon'), /signal/],
  ...[() => client, () => queueing].flatMap((of): [string, () => unknown, RegExp][] => [
    ['set: signal', () => of().set('a', 1, { signal: {} }), /signal/],
    ['push: signal', () => of().push('a/*', 1, { signal: 'x' }), /signal/],
    ['patch: signal', () => of().patch('a', {}, { signal: 5 }), /signal/],
    ['JSON Patch: signal', () => of().patch('a', [], { form: 'json-patch', signal: 5 }), /signal/],
    ['delete: signal', () => of().delete('a', { signal: null }), /signal/],
  ]),
  ['Link: runtime', () => new Link({ ...setup(), runtime: {} }), /runtime/],
  ['Link: a name that is none', () => new Link({ ...setup(), intervall: 5 }), /`interval`/],
  ['Link: guessPeer', () => new Link({ ...setup(), guessPeer: 5 }), /guessPeer/],
  ['start', () => link.start(null), /options/],
  ['onTransition', () => link.onTransition(), /listener/],
  ['explain: signal', () => link.explain({}), /signal/],
  ['unsent: signal', () => link.unsent(5), /signal/],
  ['close', () => link.close(null), /options/],
  ['close: within', () => link.close({ within: -1 }), /within/],
]

describe('misuse of state, clients and links is invalid_argument that names it, never a TypeError', () => {
  it.each(cases)('%s', async (_, call, words) => {
    const error = await failureOf(call)
    expect(error).toBeInstanceOf(RejoinError)
    expect(error).toMatchObject({ code: 'invalid_argument', message: expect.stringMatching(words) })
    expect((await tree.keys()).keys).toEqual(['a'])
    expect(link.phase).toBe('stopped')
  })
})

it('a client that is closed leaves nothing behind at its signal', async () => {
  let listeners = 0
  const { signal } = new AbortController()
  const counted = Object.assign(signal, {
    addEventListener: () => void listeners++,
    removeEventListener: () => void listeners--,
  })
  const closing = connectState(url, { signal: counted })
  expect(listeners).toBe(1)
  await closing.close()
  expect(listeners).toBe(0)
})

function memory() {
  return MemoryStateStorage.open()
}

function setup(): Untyped {
  return { replica: log, transport: memoryTransport(log) }
}

async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    return error
  }
  return expect.unreachable('it is taken as it is')
}
