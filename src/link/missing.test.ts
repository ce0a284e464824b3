import { describe, expect, it } from 'vitest'
import {
  copyOf,
  expectSame,
  idsOf,
  type Machine,
  machine,
  type SyncSetup,
  sync,
  trySync,
  write,
} from '../../test/fleet.ts'
import type { Transport } from '../contracts/index.ts'
import type { LogEvent } from '../event/index.ts'
import { scriptedTransport } from '../testing/doubles/scripted.ts'
import { type MemoryTransportOptions, memoryTransport } from '../transport/memory/index.ts'

const down = { push: false, pull: true }

describe('a push that is answered with missing parents', () => {
  it('sends them first', async () => {
    const { laptop, restored } = await hubWithout(3)
    expect(await sync(laptop, restored, unaware(restored))).toMatchObject({ pushed: 4 })
    expect(await idsOf(restored)).toEqual(['h0', 'h1', 'h2', 'h3', 'l1'])
    await sync(laptop, restored)
    await expectSame(laptop, restored)
  })

  it('starts over when the remote lacks many generations', async () => {
    const { laptop, restored } = await hubWithout(30)
    await sync(laptop, restored, unaware(restored))
    await expectSame(laptop, restored)
  })

  it('never sends more at once than the remote takes', async () => {
    for (const count of [1, 2]) {
      const { laptop, restored } = await hubWithout(3)
      await write(laptop, 'b', 'l2')
      await write(laptop, 'a', 'l3', 'l4')
      const setup = unaware(restored, { limits: { count } })
      await sync(laptop, restored, setup)
      expect(await idsOf(restored)).toContain('l4')
      await sync(laptop, restored)
      await expectSame(laptop, restored)
    }
  })
})

describe('a pull whose pages lack parents', () => {
  it('asks for them by id, and for theirs', async () => {
    const { laptop, hub } = await chain(6)
    const transport = withholding(memoryTransport(hub.store), ['h0', 'h1', 'h2', 'h4'])
    expect(await sync(laptop, hub, { transport })).toMatchObject({ pulled: 6 })
    await expectSame(laptop, hub)
    expect((await laptop.store.link((await hub.store.identity()).origin)).pulled).toBe(
      (await hub.store.identity()).end,
    )
  })

  it('asks again for what a page of ids has left out', async () => {
    const { laptop, hub } = await chain(6)
    await write(hub, 'b', 'b0', 'b1', 'b2')
    const ids = ['h0', 'h1', 'h2', 'h3', 'h4', 'b0', 'b1']
    const one = scriptedTransport(withholding(memoryTransport(hub.store), ids), {
      async pull(pull, after, want, signal) {
        const page = await pull(after, want, signal)
        if (page.kind === 'reset' || want.ids === undefined) return page
        return { ...page, changes: page.changes.slice(0, 1), more: page.changes.length > 1 }
      },
    })
    await sync(laptop, hub, { transport: one })
    await expectSame(laptop, hub)
  })

  it('asks for no more ids at once than the remote takes', async () => {
    const [laptop, hub] = [await machine('laptop'), await machine('hub')]
    const parents: string[] = []
    for (let n = 0; n < 1_100; n++) {
      await write(hub, `a${n}`, `parent-${n}`)
      parents.push(`parent-${n}`)
    }
    for (let n = 0; n < 1_100; n++) await write(hub, `a${n}`, `child-${n}`)
    const transport = withholding(memoryTransport(hub.store, { limits: { count: 5_000 } }), parents)
    await sync(laptop, hub, { transport, batch: { count: 5_000, bytes: 1e9 } })
    await expectSame(laptop, hub)
  })

  it('fails when the remote does not have them either, and keeps its cursor', async () => {
    const { laptop, hub } = await chain(3)
    const nobody = scriptedTransport(withholding(memoryTransport(hub.store), ['h1']), {
      async pull(pull, after, want, signal) {
        const page = await pull(after, want, signal)
        return want.ids === undefined || page.kind === 'reset' ? page : { ...page, changes: [] }
      },
    })
    const { errors } = await trySync(laptop, hub, { transport: nobody, directions: down })
    expect(errors.map((error) => [error.code, error.retryable])).toEqual([['protocol', true]])
    expect(await idsOf(laptop)).toEqual(['h0'])
    await sync(laptop, hub)
    await expectSame(laptop, hub)
  })

  it('fails when it never ends', async () => {
    const { laptop, hub } = await chain(3)
    const { errors } = await trySync(laptop, hub, {
      directions: down,
      transport: scriptedTransport(withholding(memoryTransport(hub.store), ['h0']), {
        async pull(pull, after, want, signal) {
          const page = await pull(after, want, signal)
          if (want.ids === undefined || page.kind === 'reset') return page
          const [wrong] = (await hub.store.fetch(['h2'] as never)) as [LogEvent]
          return { ...page, changes: [wrong] }
        },
      }),
    })
    expect(errors.map((error) => error.code)).toEqual(['protocol'])
  })
})

/** A laptop that has only pulled, and what became of its hub: it lacks its last events. */
async function hubWithout(lost: number): Promise<{ laptop: Machine; restored: Machine }> {
  const { laptop, hub } = await chain(1)
  const backup = hub.records.length
  for (let n = 1; n <= lost; n++) await write(hub, 'a', `h${n}`)
  await sync(laptop, hub, { directions: down })
  await write(laptop, 'a', 'l1')
  return { laptop, restored: await copyOf(hub, backup) }
}

/** A push to a remote that is not told what it once had. */
function unaware({ store }: Machine, remote: MemoryTransportOptions = {}): SyncSetup {
  const transport = scriptedTransport(memoryTransport(store, remote), {
    hello: (hello, { origin }, signal) => hello({ origin }, signal),
  })
  return { transport, directions: { push: true, pull: false } }
}

async function chain(length: number): Promise<{ laptop: Machine; hub: Machine }> {
  const [laptop, hub] = [await machine('laptop'), await machine('hub')]
  for (let n = 0; n < length; n++) await write(hub, 'a', `h${n}`)
  return { laptop, hub }
}

/** Leaves some events out of its pages, but for those asked for by id. */
function withholding(transport: Transport<LogEvent>, ids: readonly string[]): Transport<LogEvent> {
  return scriptedTransport(transport, {
    async pull(pull, after, want, signal) {
      const page = await pull(after, want, signal)
      if (want.ids !== undefined || page.kind === 'reset') return page
      return { ...page, changes: page.changes.filter((event) => !ids.includes(event.id)) }
    },
  })
}
