import fc from 'fast-check'
import { expect, it } from 'vitest'
import { copyOf, expectSame, type Machine, machine, write } from '../../test/fleet.ts'
import { level, lineTo, phase, until } from '../../test/linked.ts'
import { property } from '../../test/property.ts'
import type { Transport } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import type { LogEvent } from '../event/index.ts'
import { seededRandom } from '../testing/simulator/random.ts'
import { type HandDriven, handDriven } from '../transport/fixtures/hand-driven.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { Link, linkTable } from './index.ts'

const deeds = {
  'write here': async ({ laptop, name }) => write(laptop, 'a', name()),
  'write there': async ({ hub, name }) => write(hub.machine, 'b', name()),
  'write both at once': async ({ laptop, hub, name }) => {
    await Promise.all([write(laptop, 'c', name()), write(hub.machine, 'c', name())])
  },
  'write here without waiting': async ({ laptop, name }) => void write(laptop, 'a', name()),
  cut: async ({ line }) => line.cut(),
  'cut with patience': async ({ line }) => line.cut(patience),
  'cut for good, it seems': async ({ line }) => line.cut(forbidden),
  heal: async ({ line }) => line.heal(),
  nudge: async ({ link }) => link.nudge(),
  pause: async ({ link }) => link.pause(),
  resume: async ({ link }) => link.resume(),
  stop: async ({ link }) => link.stop(),
  start: async ({ link }) => link.start(),
  'start later': async ({ link }) => link.start({ later: true }),
  'sync by hand': async ({ link }) => void (await link.syncNow()),
  'sync beside': async ({ link }) => void link.syncNow(),
  'a moment passes': async ({ runtime }) => runtime.pass(300),
  'minutes pass': async ({ runtime }) => runtime.pass(300_000),
  'some turns': async () => {
    for (let turn = 0; turn < 5; turn++) await new Promise((next) => setImmediate(next))
  },
  'the hub comes back from an older copy': async ({ hub, line }) => {
    const { records } = hub.machine
    hub.machine = await copyOf(hub.machine, Math.ceil(records.length / 2))
    hub.transport = memoryTransport(hub.machine.store)
    line.cut()
    line.heal()
  },
} satisfies Record<string, (world: World) => Promise<void>>

type Deed = keyof typeof deeds

interface World {
  readonly laptop: Machine
  readonly hub: { machine: Machine; transport: Transport<LogEvent> }
  readonly line: ReturnType<typeof lineTo>
  readonly link: Link<LogEvent>
  readonly runtime: HandDriven
  /** Another one each time. */
  readonly name: () => string
}

const given = fc.record({
  deeds: fc.array(fc.constantFrom(...(Object.keys(deeds) as Deed[])), { maxLength: 40 }),
  seed: fc.nat(),
  realtime: fc.boolean(),
})

it('S2, S4: whatever is done to a link, its outbox drains in bounded time once it may, and nothing is lost', () =>
  property(
    given,
    async ({ deeds: done, seed, realtime }) => {
      const world = await worldOf(seed, realtime)
      const { laptop, hub, line, link, runtime } = world
      link.start()
      for (const deed of done) {
        await deeds[deed](world)
        expectSound(link)
      }
      line.heal()
      link.resume()
      link.start()
      // The longest wait there may be: what was asked for, and the random part on top.
      for (let passed = 0; passed <= 900_000; passed += 30_000) {
        // What is under way comes first: else all this time passes before a call that was cut has failed.
        await deeds['some turns']()
        runtime.pass(30_000)
        await settled(link)
      }
      await phase(link, realtime ? 'live' : 'polling')
      await level(laptop, hub.machine)
      await expectSame(laptop, hub.machine)
      expect(await link.unsent()).toEqual({ count: 0, more: false })
      expect((await link.explain()).blocked).toBeUndefined()
      await link.close()
      expect(runtime.pending).toBe(0)
    },
    60,
  ))

/** It came into each phase along an arrow of the table, and rests only where it was told to. */
function expectSound({ transitions }: Link<LogEvent>): void {
  for (const [at, { from, to, event }] of transitions.entries()) {
    expect(linkTable[from][event]).toMatchObject({ to })
    if (at > 0) expect(transitions[at - 1]?.to).toBe(from)
  }
}

async function worldOf(seed: number, realtime: boolean): Promise<World> {
  const chance = seededRandom(seed)
  const runtime = Object.assign(handDriven(), { random: () => chance.next() })
  const [laptop, first] = [await machine('laptop'), await machine('hub')]
  const hub = { machine: first, transport: memoryTransport(first.store) }
  const line = lineTo({
    hello: (...args) => hub.transport.hello(...args),
    push: (...args) => hub.transport.push(...args),
    pull: (...args) => hub.transport.pull(...args),
    subscribe: (...args) => hub.transport.subscribe?.(...args) ?? [],
    close: async () => {},
    async [Symbol.asyncDispose]() {},
  } as Transport<LogEvent>)
  const link = new Link({ replica: laptop.store, transport: line.transport, runtime, realtime })
  let names = 0
  return { laptop, hub, line, link, runtime, name: () => `e${names++}` }
}

/** Until it waits for time to pass. */
function settled(link: Link<LogEvent>): Promise<void> {
  return until(() => ['live', 'polling', 'waiting'].includes(link.phase), 'rest')
}

const patience = new RejoinError('unavailable', 'later', {
  operation: 'call',
  component: 'test',
  details: { status: 503, retryAfter: 600_000 },
})
const forbidden = new RejoinError('forbidden', 'no', { operation: 'call', component: 'test' })
