import { describe, expect, it } from 'vitest'
import { MemoryStore } from '../store/memory/index.ts'
import { SyncNode } from './index.ts'

type Account = { Opened: { owner: string }; Paid: { cents: number } }

describe('deciding', () => {
  it('sees the aggregate’s history and appends what follows from it', async () => {
    const node = await open()
    const opened = await node.decide('acc', (history) => {
      expect(history).toEqual([])
      return [{ type: 'Opened', aggregateId: 'acc', data: { owner: 'me' } }]
    })
    expect(opened).toMatchObject({ tries: 1, heads: [] })
    const paid = await node.decide('acc', async (history) => {
      expect(history.map((event) => event.type)).toEqual(['Opened'])
      return [pay(5), pay(6)]
    })
    expect(paid.heads).toEqual([opened.events[0]?.id])
    expect(paid.events.map((event) => event.data)).toEqual([{ cents: 5 }, { cents: 6 }])
    expect(await node.heads('acc')).toEqual([paid.events[1]?.id])
  })

  it('hands on its signal, and appends nothing once that has aborted', async () => {
    const node = await open()
    const controller = new AbortController()
    const { signal } = controller
    const reason = new Error('changed my mind')
    const decision = node.decide(
      'acc',
      async (_, options) => {
        expect(options.signal).toBe(signal)
        controller.abort(reason)
        return [pay(1)]
      },
      { signal },
    )
    await expect(decision).rejects.toBe(reason)
    expect((await node.status()).events).toBe(0n)
    await node.decide('acc', (_, options) => {
      expect(options).toEqual({})
      return []
    })
  })

  it('of nothing appends nothing', async () => {
    const node = await open()
    expect(await node.decide('acc', () => [])).toEqual({ events: [], heads: [], tries: 1 })
    expect((await node.status()).events).toBe(0n)
  })

  it('asks again when somebody else has appended meanwhile', async () => {
    const node = await open()
    const seen: number[] = []
    const { tries, events } = await node.decide('acc', async (history) => {
      seen.push(history.length)
      if (seen.length < 4) await node.append([pay(seen.length)])
      return [pay(100)]
    })
    expect(seen).toEqual([0, 1, 2, 3])
    expect(tries).toBe(4)
    expect(events).toHaveLength(1)
    expect((await node.status()).events).toBe(4n)
  })

  it('under contention: every decision counts, none is made on an old history', async () => {
    const node = await open()
    const limit = 7
    const decisions = await Promise.allSettled(
      Array.from({ length: 10 }, () =>
        node.decide('acc', (history) => (history.length < limit ? [pay(1)] : [])),
      ),
    )
    const made = decisions.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(made).toHaveLength(10)
    expect(made.filter(({ events }) => events.length === 1)).toHaveLength(limit)
    expect((await node.status()).events).toBe(BigInt(limit))
    expect(await node.heads('acc')).toHaveLength(1)
  })

  it('gives up when others never stop', async () => {
    const node = await open()
    let asked = 0
    const decision = node.decide('acc', async () => {
      asked++
      await node.append([pay(asked)])
      return [pay(100)]
    })
    await expect(decision).rejects.toMatchObject({ code: 'unsettled', retryable: true })
    expect(asked).toBe(10)
    expect((await node.status()).events).toBe(10n)
  })

  it('rejects with what the decider throws, and appends nothing', async () => {
    const node = await open()
    const error = new Error('not enough money')
    await expect(
      node.decide('acc', () => {
        throw error
      }),
    ).rejects.toBe(error)
    await expect(node.decide('acc', () => Promise.reject(error))).rejects.toBe(error)
    expect((await node.status()).events).toBe(0n)
  })

  it('for another aggregate than the one it read is refused', async () => {
    const node = await open()
    await node.append([pay(1)])
    await expect(
      node.decide('acc', () => [{ ...pay(1), aggregateId: 'other' }]),
    ).rejects.toMatchObject({ code: 'invalid_argument' })
  })
})

function pay(cents: number) {
  return { type: 'Paid', aggregateId: 'acc', data: { cents } } as const
}

async function open(): Promise<SyncNode<Account>> {
  return new SyncNode<Account>({ store: await MemoryStore.open() })
}
