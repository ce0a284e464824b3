import { describe, expect, it } from 'vitest'
import { RejoinError } from '../../errors/index.ts'
import { MemoryStore } from '../../store/memory/index.ts'
import { handDriven } from '../../transport/fixtures/hand-driven.ts'
import { someOrigin } from '../../transport/fixtures/logs.ts'
import { memoryTransport } from '../../transport/memory/index.ts'
import { start } from '../../version/index.ts'
import { scripted, scriptedStore, scriptedTransport } from './scripted.ts'

const note = { type: 'noted', aggregateId: 'a' }
const gone = new RejoinError('network', 'gone', { operation: 'test', component: 'test' })
const want = { count: 1, bytes: 1 }

describe('a double', () => {
  it('does what its target does, private fields and all, until its script says otherwise', async () => {
    const store = scriptedStore(await MemoryStore.open({ node: 'n' }))
    await store.append([note])
    expect((await store.status()).events).toBe(1n)
    expect((await store.identity()).node).toBe('n')
    const woken = store.watch(new AbortController().signal)[Symbol.asyncIterator]().next()
    await store.append([note])
    expect((await woken).done).toBe(false)
  })

  it('fails the n-th call from now on, and only that one', async () => {
    const store = scriptedStore(await MemoryStore.open())
    await store.append([note])
    store.script.fail('append', gone, { nth: 2 })
    await store.append([note])
    await expect(store.append([note])).rejects.toBe(gone)
    await store.append([note])
    expect((await store.status()).events).toBe(3n)
  })

  it('fails every call of several methods until it is reset', async () => {
    const transport = scriptedTransport(memoryTransport(await MemoryStore.open()))
    transport.script.fail(['hello', 'pull'], gone)
    await expect(transport.hello({ origin: someOrigin })).rejects.toBe(gone)
    await expect(transport.pull(start, want)).rejects.toBe(gone)
    transport.script.reset()
    expect(await transport.pull(start, want)).toMatchObject({ kind: 'page' })
  })

  it('loses the answer of a call that was made', async () => {
    const store = scriptedStore(await MemoryStore.open())
    store.script.fail('append', gone, { after: true })
    await expect(store.append([note])).rejects.toBe(gone)
    expect((await store.status()).events).toBe(1n)
  })

  it('delays by the time of its runtime, and gives up with its signal', async () => {
    const runtime = { sleep: sleeping(handDriven()) }
    const store = scriptedStore(await MemoryStore.open(), {}, { runtime })
    store.script.delay('append', 500)
    const stop = new AbortController()
    const given = store.append([note], { signal: stop.signal })
    stop.abort('enough')
    await expect(given).rejects.toBe('enough')
    expect((await store.status()).events).toBe(0n)
  })

  it('makes a delayed call once the time has passed', async () => {
    const clock = handDriven()
    const store = scriptedStore(
      await MemoryStore.open(),
      {},
      { runtime: { sleep: sleeping(clock) } },
    )
    store.script.delay('append', 500)
    const given = store.append([note])
    clock.pass(499)
    expect((await store.status()).events).toBe(0n)
    clock.pass(1)
    await given
    expect((await store.status()).events).toBe(1n)
  })

  it('holds calls until they are released, and says when one waits', async () => {
    const store = scriptedStore(await MemoryStore.open())
    const gate = store.script.hold('append', { nth: 1 })
    const held = store.append([note])
    await gate.reached
    expect((await store.status()).events).toBe(0n)
    expect(store.script.calls[0]).toMatchObject({ method: 'append', outcome: 'pending' })
    gate.release()
    gate.release()
    await held
    expect(store.script.calls[0]).toMatchObject({
      outcome: 'resolved',
      result: { kind: 'appended' },
    })
  })

  it('lets go of a held call whose signal aborts', async () => {
    const transport = scriptedTransport(memoryTransport(await MemoryStore.open()))
    const gate = transport.script.hold('pull')
    const stop = new AbortController()
    const held = transport.pull(start, want, stop.signal)
    await gate.reached
    stop.abort('enough')
    await expect(held).rejects.toBe('enough')
  })

  it('records calls in order, with arguments and outcomes', async () => {
    const transport = scriptedTransport(memoryTransport(await MemoryStore.open()))
    transport.script.fail('pull', gone)
    await transport.hello({ origin: someOrigin })
    await transport.pull(start, want).catch(() => {})
    expect(transport.script.calls).toMatchObject([
      { method: 'hello', args: [{ origin: someOrigin }], outcome: 'resolved' },
      { method: 'pull', args: [start, want], outcome: 'rejected', result: gone },
    ])
  })

  it('runs a hook in place of a method, inside what was asked for before', async () => {
    const double = scripted(
      { twice: async (n: number) => 2 * n },
      { twice: async (call, n) => 1 + (await call(n)) },
    )
    double.script.through('twice', (call, n) => call(n + 10))
    expect(await double.twice(1)).toBe(23)
  })

  it('disposes of itself through its close', async () => {
    const store = scriptedStore(await MemoryStore.open())
    await store[Symbol.asyncDispose]()
    expect(store.script.calls).toMatchObject([{ method: 'close' }])
    await expect(store.status()).rejects.toMatchObject({ code: 'closed' })
  })

  it('refuses a count that is none, and takes only methods that are there', async () => {
    const { script } = scriptedStore(await MemoryStore.open())
    expect(() => script.fail('append', gone, { nth: 0 })).toThrow('nth')
    // @ts-expect-error: no such method
    script.fail('appendix', gone)
    // @ts-expect-error: its answer is no promise
    script.fail('watch', gone)
  })
})

function sleeping(clock: ReturnType<typeof handDriven>) {
  return (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      clock.timer(ms, resolve)
      signal?.addEventListener('abort', () => reject(signal.reason))
    })
}
