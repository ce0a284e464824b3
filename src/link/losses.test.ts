import { describe, expect, it } from 'vitest'
import {
  expectSame,
  idsOf,
  type Machine,
  machine,
  sync,
  trySync,
  unsynced,
  write,
} from '../../test/fleet.ts'
import type { PushBatch, Transport } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import type { LogEvent } from '../event/index.ts'
import { scriptedTransport } from '../testing/doubles/scripted.ts'
import { memoryTransport } from '../transport/memory/index.ts'

const batch = { count: 2 }

describe('S3: a message that is', () => {
  for (const when of ['before it arrives', 'after it was acted on'] as const)
    it(`lost ${when}, whichever it is, is made up for by the next sync`, async () => {
      const total = await callsOf(await prepared())
      expect(total).toBeGreaterThan(8)
      for (let at = 0; at < total; at++) {
        const pair = await prepared()
        const transport = losing(memoryTransport(pair.hub.store), at, when)
        const { errors } = await trySync(pair.laptop, pair.hub, { transport, batch })
        expect(errors.map((error) => error.code)).toEqual(['network'])
        await sync(pair.laptop, pair.hub)
        await expectSame(pair.laptop, pair.hub)
        expect(await unsynced(pair.laptop, pair.hub)).toBe(0n)
        await untouched(pair)
      }
    })

  it('repeated at once changes nothing', async () => {
    const pair = await prepared()
    const transport = counting(memoryTransport(pair.hub.store), (call) => call())
    await sync(pair.laptop, pair.hub, { transport, batch })
    await expectSame(pair.laptop, pair.hub)
    await untouched(pair)
  })

  it('repeated much later changes nothing', async () => {
    const pair = await prepared()
    const { laptop, hub } = pair
    const sent: PushBatch<LogEvent>[] = []
    const transport = scriptedTransport(memoryTransport(hub.store), {
      push: (push, one, signal) => {
        sent.push(one)
        return push(one, signal)
      },
    })
    await sync(laptop, hub, { transport, batch })
    await write(laptop, 'a', 'later')
    await sync(laptop, hub)
    const before = hub.records.length
    for (const one of sent) await memoryTransport(hub.store).push(one)
    expect(hub.records.length).toBe(before)
    await sync(laptop, hub)
    await expectSame(laptop, hub)
    await untouched(pair)
  })
})

for (const { direction, tells, needed } of [
  // The greeting that tells what the remote holds of us, and how many it takes until that is not overtaken.
  { direction: 'push and pull', tells: 2, needed: 4 },
  { direction: 'push', tells: 1, needed: 2 },
])
  it(`S2, S3: what a remote said before another sync pushed is no loss (${direction})`, async () => {
    const [laptop, hub] = [await machine('laptop'), await machine('hub')]
    const directions = { push: true, pull: direction !== 'push' }
    const { origin } = await hub.store.identity()
    await write(laptop, 'a', 'l1')
    for (let times = 0; times < 2; times++) await sync(laptop, hub, { directions })
    const { generation } = await laptop.store.link(origin)
    await write(laptop, 'a', 'l2')
    let greetings = 0
    const transport = scriptedTransport(memoryTransport(hub.store), {
      hello: async (hello, mine, signal) => {
        const answer = await hello(mine, signal)
        if (++greetings === tells) await sync(laptop, hub, { directions })
        return answer
      },
    })
    const { pushed, pulled } = await sync(laptop, hub, { transport, directions })
    expect({ pushed, pulled }).toEqual({ pushed: 0, pulled: 0 })
    expect(greetings).toBe(needed)
    expect((await laptop.store.link(origin)).generation).toBe(generation)
    expect(await unsynced(laptop, hub)).toBe(0n)
    await expectSame(laptop, hub)
  })

it('S2, S3: two syncs whose pushes overtake each other take nothing for a loss', async () => {
  const [laptop, hub] = [await machine('laptop'), await machine('hub')]
  const { origin } = await hub.store.identity()
  await write(laptop, 'a', 'l1')
  await sync(laptop, hub)
  const { generation } = await laptop.store.link(origin)
  await write(laptop, 'a', 'l2', 'l3', 'l4', 'l5')
  // The first one's answer is on its way while the other, in smaller steps, pushes what it still takes for unsent.
  const [isThere, isAnswered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const slow = scriptedTransport(memoryTransport(hub.store), {
    push: async (push, ...args) => {
      const answer = await push(...args)
      isThere.resolve()
      await isAnswered.promise
      return answer
    },
  })
  const first = sync(laptop, hub, { transport: slow })
  await isThere.promise
  let pushes = 0
  const quick = scriptedTransport(memoryTransport(hub.store), {
    push: async (push, ...args) => {
      const answer = await push(...args)
      if (++pushes === 1) {
        isAnswered.resolve()
        await first
      }
      return answer
    },
  })
  await sync(laptop, hub, { transport: quick, batch: { count: 1 } })
  expect((await laptop.store.link(origin)).generation).toBe(generation)
  expect(await unsynced(laptop, hub)).toBe(0n)
})

it('S3: a push whose answer was lost is confirmed by the next one, as duplicates', async () => {
  const [laptop, hub] = [await machine('laptop'), await machine('hub')]
  await write(laptop, 'a', 'l1', 'l2')
  const transport = losing(memoryTransport(hub.store), 'push', 'after it was acted on')
  const lost = await trySync(laptop, hub, { transport })
  expect(lost).toMatchObject({ pushed: 0 })
  expect(await idsOf(hub)).toEqual(['l1', 'l2'])
  expect(await unsynced(laptop, hub)).toBe(2n)
  expect(await sync(laptop, hub)).toMatchObject({ pushed: 0, pulled: 0 })
  expect(await unsynced(laptop, hub)).toBe(0n)
  const { origin } = await laptop.store.identity()
  expect((await hub.store.identity()).origin).not.toBe(origin)
})

it('what was moved before the trouble stays moved', async () => {
  const { laptop, hub } = await prepared()
  const transport = losing(memoryTransport(hub.store), 'push', 'before it arrives', 2)
  const result = await trySync(laptop, hub, { transport, batch })
  expect(result).toMatchObject({ pushed: 4, pulled: 6 })
  expect(await unsynced(laptop, hub)).toBe(2n)
})

interface Pair {
  readonly laptop: Machine
  readonly hub: Machine
  readonly origins: readonly string[]
}

/** Six events on each side to be moved, after a first sync. */
async function prepared(): Promise<Pair> {
  const [laptop, hub] = [await machine('laptop'), await machine('hub')]
  await write(laptop, 'a', 'l0')
  await write(hub, 'b', 'h0')
  await sync(laptop, hub)
  for (let n = 1; n <= 6; n++) {
    await write(laptop, 'a', `l${n}`)
    await write(hub, n % 2 ? 'a' : 'b', `h${n}`)
  }
  return { laptop, hub, origins: await originsOf(laptop, hub) }
}

/** Nobody was taken for a copy, and nothing clashes. */
async function untouched({ laptop, hub, origins }: Pair): Promise<void> {
  expect(await originsOf(laptop, hub)).toEqual(origins)
  expect((await hub.store.status()).clashes).toBe(0n)
}

async function originsOf(...machines: readonly Machine[]): Promise<readonly string[]> {
  return Promise.all(machines.map(async ({ store }) => (await store.identity()).origin))
}

async function callsOf({ laptop, hub }: Pair): Promise<number> {
  let calls = 0
  await sync(laptop, hub, { batch, transport: counting(memoryTransport(hub.store), () => calls++) })
  return calls
}

/** Loses one call: the n-th of all, or the n-th of a kind. */
function losing(
  transport: Transport<LogEvent>,
  which: number | 'push',
  when: 'before it arrives' | 'after it was acted on',
  nth = 0,
): Transport<LogEvent> {
  let calls = 0
  const at = which === 'push' ? nth : which
  return counting(
    transport,
    async (call) => {
      if (calls++ !== at) return
      if (when === 'after it was acted on') await call()
      throw new RejoinError('network', 'the cable is gone', {
        operation: 'call',
        component: 'test',
      })
    },
    which === 'push' ? ['push'] : undefined,
  )
}

/** Tells of each call before it is made. */
function counting(
  transport: Transport<LogEvent>,
  tell: (call: () => Promise<unknown>) => unknown,
  kinds: readonly ('hello' | 'push' | 'pull')[] = ['hello', 'push', 'pull'],
): Transport<LogEvent> {
  const told = (kind: 'hello' | 'push' | 'pull') =>
    kinds.includes(kind) && {
      [kind]: async (call: (...args: unknown[]) => Promise<unknown>, ...args: unknown[]) => {
        await tell(() => call(...args))
        return call(...args)
      },
    }
  return scriptedTransport(transport, { ...told('hello'), ...told('push'), ...told('pull') })
}
