import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  eventsOf,
  expectSame,
  idsOf,
  type Machine,
  machine,
  trySync,
  write,
} from '../../../../test/fleet.ts'
import { property } from '../../../../test/property.ts'
import type { Transport } from '../../../contracts/index.ts'
import type { LogEvent } from '../../../event/index.ts'
import { syncOnce } from '../../../link/index.ts'
import { type GoServerFixture, goServer } from '../../fixtures/go-server.ts'
import { httpTransport } from '../client.ts'

interface Step {
  readonly what:
    | 'write'
    | 'sync'
    | 'push'
    | 'meet'
    | 'go writes'
    | 'back up'
    | 'restore'
    | 'restart'
  readonly one: number
  readonly other: number
  /** Killed before the answer to its n-th request. */
  readonly killed: number | null
  /** Which of the events that arrive meanwhile are dropped, by what their number leaves over. */
  readonly drops: number | null
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.oneof(
    ...(
      [
        ['write', 6],
        ['sync', 8],
        ['push', 2],
        ['meet', 1],
        ['go writes', 2],
        ['back up', 1],
        ['restore', 1],
        ['restart', 1],
      ] as const
    ).map(([one, weight]) => ({ weight, arbitrary: fc.constant(one) })),
  ),
  one: fc.nat({ max: 2 }),
  other: fc.nat({ max: 2 }),
  killed: fc.option(fc.integer({ min: 1, max: 12 })),
  drops: fc.option(fc.nat({ max: 2 })),
})
const kind = fc.record({ later: fc.boolean(), cursorRoute: fc.boolean() })

it('S1, S3, S4: whatever is dropped, killed and restored, laptops behind one Go server agree', async () => {
  await property(
    fc.tuple(kind, fc.array(step, { minLength: 5, maxLength: 30 })),
    async (given) => {
      const [behaviour, steps] = given
      const fleet = await Fleet.start(goServer(behaviour), behaviour)
      for (const one of steps) await fleet.take(one)
      await fleet.settle()
    },
    100,
  )
}, 120_000)

class Fleet {
  readonly #go: GoServerFixture
  readonly #behaviour: object
  readonly #laptops: Machine[]
  readonly #transports: Transport<LogEvent>[] = []
  readonly #backups: (readonly string[] | undefined)[] = []
  readonly #written = new Set<string>()

  private constructor(go: GoServerFixture, behaviour: object, laptops: Machine[]) {
    this.#go = go
    this.#behaviour = behaviour
    this.#laptops = laptops
  }

  static async start(go: GoServerFixture, behaviour: object): Promise<Fleet> {
    return new Fleet(go, behaviour, await Promise.all(['x', 'y', 'z'].map((name) => machine(name))))
  }

  async take(step: Step): Promise<void> {
    const { one, other } = step
    switch (step.what) {
      case 'write': {
        const id = `e${this.#written.size}`
        this.#written.add(id)
        return write(this.#at(one), `a${other}`, id)
      }
      case 'go writes': {
        const id = `e${this.#written.size}`
        this.#written.add(id)
        return this.#go.push({ id, type: 'T', aggregate_id: `a${other}`, data: { z: 1, a: 1.5 } })
      }
      case 'sync':
        return this.#sync(step, true)
      case 'push':
        return this.#sync(step, false)
      case 'meet':
        if (one !== other) await trySync(this.#at(one), this.#at(other))
        return
      case 'back up':
        this.#backups[one] = [...this.#at(one).records]
        return
      case 'restore': {
        const backup = this.#backups[one]
        if (backup === undefined) return
        await this.#save(one)
        this.#laptops[one] = await machine('restored', [...backup])
        return
      }
      case 'restart':
        delete this.#transports[one]
    }
  }

  async settle(): Promise<void> {
    this.#go.behave(this.#behaviour)
    // Twice for what is offered again, and once more for what that brings the others.
    for (let round = 0; round < 3; round++)
      for (const [at, { store }] of this.#laptops.entries()) {
        const { errors } = await syncOnce({ replica: store, transport: this.#reach(at) })
        expect(errors).toEqual([])
      }
    const [first, ...others] = this.#laptops as [Machine, ...Machine[]]
    await expectSame(first, ...others)
    expect(new Set(await idsOf(first))).toEqual(this.#written)
    expect(new Set(this.#go.ids)).toEqual(this.#written)
    await expectHeads(first)
  }

  async #sync({ one, killed, drops }: Step, pulls: boolean): Promise<void> {
    const kill = new AbortController()
    const first = this.#go.requests.length
    this.#go.behave({
      ...this.#behaviour,
      drops: (id) => drops !== null && Number(id.slice(1)) % 3 === drops,
      meanwhile: () => {
        if (this.#go.requests.length - first === killed) kill.abort(new Error('killed'))
      },
    })
    const directions = { push: true, pull: pulls }
    const options = { replica: this.#at(one).store, transport: this.#reach(one), directions }
    await syncOnce(options, kill.signal).catch((error: Error) => {
      expect(error.message).toBe('killed')
    })
    this.#go.behave(this.#behaviour)
  }

  /** Nothing that only this laptop holds goes with it. */
  async #save(at: number): Promise<void> {
    for (const other of [0, 1, 2]) if (other !== at) await trySync(this.#at(at), this.#at(other))
  }

  #reach(at: number): Transport<LogEvent> {
    const { url, fetch } = this.#go
    this.#transports[at] ??= httpTransport({ url, fetch })
    return this.#transports[at]
  }

  #at(at: number): Machine {
    return this.#laptops[at] as Machine
  }
}

/** By brute force: those with causality that nobody names. */
async function expectHeads(laptop: Machine): Promise<void> {
  const events = await eventsOf(laptop)
  const named = new Set(events.flatMap((event) => event.parents))
  for (const aggregateId of new Set(events.map((event) => event.aggregateId))) {
    const heads = events.filter(
      (one) => one.aggregateId === aggregateId && one.origin !== null && !named.has(one.id),
    )
    const found = await laptop.store.heads(aggregateId)
    expect([...found].toSorted()).toEqual(heads.map((one) => one.id).toSorted())
  }
}
