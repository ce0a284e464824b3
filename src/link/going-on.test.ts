import { describe, expect, it } from 'vitest'
import {
  copyOf,
  expectSame,
  idsOf,
  type Machine,
  machine,
  sync,
  unsynced,
  write,
} from '../../test/fleet.ts'
import { level, lineTo, linked, phase, until } from '../../test/linked.ts'
import type { Transport } from '../contracts/index.ts'
import type { LogEvent } from '../event/index.ts'
import { memoryTransport } from '../transport/memory/index.ts'

describe('S4: a push that finds the remote’s record of us moved', () => {
  it('by another process of the same log goes on without a greeting', async () => {
    const { laptop, hub } = await pair()
    await write(laptop, 'a', 'l2')
    const { result, calls } = await meanwhile(laptop, hub, async () => {
      await write(laptop, 'a', 'l3')
      await sync(laptop, hub)
      await write(laptop, 'a', 'l4')
    })
    expect(result.errors).toEqual([])
    expect(calls.filter((call) => call === 'hello')).toHaveLength(1)
    await expectSame(laptop, hub)
    expect(await unsynced(laptop, hub)).toBe(0n)
  })

  it('back to an older backup pushes what that lacks before it greets again', async () => {
    const { laptop, hub } = await pair()
    const backup = hub.records.length
    await write(laptop, 'a', 'l2', 'l3')
    await sync(laptop, hub)
    const restored = await copyOf(hub, backup)
    await write(laptop, 'a', 'l4')
    let arrived: readonly string[] = []
    const line = lineTo(
      switching(hub, restored, async () => {
        arrived = await idsOf(restored)
      }),
    )
    const result = await sync(laptop, hub, { transport: line.transport })
    expect(line.calls.filter((call) => call === 'push').length).toBeGreaterThan(1)
    expect(arrived).toEqual(expect.arrayContaining(['l2', 'l3', 'l4']))
    expect(result.errors).toEqual([])
    await expectSame(laptop, restored)
  })

  it('and its own events lost: it is told so, and goes on under another origin', async () => {
    const hub = await machine('hub')
    const laptop = await machine('laptop')
    await write(hub, 'a', 'h1')
    await write(laptop, 'b', 'l1')
    await sync(laptop, hub)
    const backup = hub.records.length
    await write(hub, 'a', 'h2')
    await write(laptop, 'b', 'l2')
    await sync(laptop, hub)
    const restored = await copyOf(hub, backup)
    const { origin } = await restored.store.identity()
    await write(laptop, 'b', 'l3')
    await sync(laptop, hub, { transport: switching(hub, restored) })
    await expectSame(laptop, restored)
    expect(await idsOf(restored)).toContain('h2')
    expect((await restored.store.identity()).origin).not.toBe(origin)
  })

  it('and learns that it is a copy itself takes another origin', async () => {
    const { laptop, hub } = await pair()
    const copy = await copyOf(laptop)
    await write(copy, 'a', 'c2')
    const { result } = await meanwhile(copy, hub, async () => {
      await write(laptop, 'b', 'l2', 'l3')
      await sync(laptop, hub)
    })
    expect(result.errors).toEqual([])
    await sync(laptop, hub)
    await expectSame(laptop, hub, copy)
    expect((await copy.store.identity()).origin).not.toBe((await laptop.store.identity()).origin)
  })

  it('by whoever goes by another origin now is greeted', async () => {
    const { laptop, hub } = await pair()
    await write(laptop, 'a', 'l2')
    const { result, calls } = await meanwhile(laptop, hub, async () => {
      await write(laptop, 'a', 'l3')
      await sync(laptop, hub)
      await hub.store.renewOrigin((await hub.store.identity()).origin)
    })
    expect(result.errors).toEqual([])
    expect(calls.filter((call) => call === 'hello').length).toBeGreaterThan(1)
    await expectSame(laptop, hub)
    expect(await unsynced(laptop, hub)).toBe(0n)
  })

  it('at an older remote, which does not say where it stands, greets', async () => {
    const { laptop, hub } = await pair()
    await write(laptop, 'a', 'l2')
    const older = bare(memoryTransport(hub.store))
    const { result, calls } = await meanwhile(laptop, hub, () => ahead(laptop, hub), older)
    expect(result.errors).toEqual([])
    expect(calls.filter((call) => call === 'hello').length).toBeGreaterThan(1)
    await expectSame(laptop, hub)
  })
})

it('S2: a live link beside another process of the same log pushes on without a greeting', async () => {
  const { laptop, hub, link, line } = await linked()
  link.start()
  await phase(link, 'live')
  const greetings = line.calls.filter((call) => call === 'hello').length
  const { reached, release } = line.hold('push')
  await write(laptop, 'a', 'l1')
  await reached
  await ahead(laptop, hub)
  await write(laptop, 'a', 'l4')
  release()
  await level(laptop, hub)
  await until(async () => (await link.unsent())?.count === 0)
  expect(line.calls.filter((call) => call === 'hello')).toHaveLength(greetings)
  expect(link.phase).toBe('live')
  await link.close()
})

async function pair() {
  const [laptop, hub] = [await machine('laptop'), await machine('hub')]
  await write(laptop, 'a', 'l1')
  // The second one finds what the first has pushed: the hub knows its reader then.
  for (let round = 0; round < 2; round++) await sync(laptop, hub)
  return { laptop, hub }
}

/** Another process of the same log writes and syncs. */
async function ahead(laptop: Machine, hub: Machine): Promise<void> {
  await write(laptop, 'b', 'l3')
  await sync(laptop, hub)
}

/** One sync, in which something else happens between the greeting and the first push. */
async function meanwhile(
  from: Machine,
  to: Machine,
  happens: () => Promise<void>,
  transport = memoryTransport(to.store),
) {
  const line = lineTo(transport)
  const { reached, release } = line.hold('push')
  const syncing = sync(from, to, { transport: line.transport })
  await reached
  const before = line.calls.filter((call) => call === 'hello').length
  await happens()
  release()
  const result = await syncing
  // A greeting may take two calls: what counts is whether there was another one.
  const calls = line.calls.filter((call, at) => call !== 'hello' || at >= before - 1)
  return { result, calls }
}

/** Greeted was the one; what comes after that reaches the other, who took its place. */
function switching(
  first: Machine,
  second: Machine,
  onGreeting: () => Promise<void> = async () => {},
): Transport<LogEvent> {
  const [one, other] = [memoryTransport(first.store), memoryTransport(second.store)]
  let isReplaced = false
  return {
    ...other,
    async hello(mine, signal) {
      if (isReplaced) await onGreeting()
      return (isReplaced ? other : one).hello(mine, signal)
    },
    push(batch, signal) {
      isReplaced = true
      return other.push(batch, signal)
    },
    pull: (after, want, signal) => (isReplaced ? other : one).pull(after, want, signal),
  }
}

function bare(transport: Transport<LogEvent>): Transport<LogEvent> {
  return {
    ...transport,
    async push(batch, signal) {
      const answer = await transport.push(batch, signal)
      return answer.kind === 'reset' ? { kind: 'reset' } : answer
    },
  }
}
