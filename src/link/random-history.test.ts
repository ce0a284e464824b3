import fc from 'fast-check'
import { it } from 'vitest'
import { expectSame, idsOf, type Machine, machine, trySync, write } from '../../test/fleet.ts'
import { property } from '../../test/property.ts'
import type { Transport } from '../contracts/index.ts'
import type { LogEvent } from '../event/index.ts'
import { scriptedTransport } from '../testing/doubles/scripted.ts'
import { memoryTransport } from '../transport/memory/index.ts'

it('S1, S4: after any writes, syncs, copies, restores and wipes all agree, and nothing is lost', async () => {
  await property(fc.array(step, { minLength: 5, maxLength: 40 }), holds, 300)
}, 60_000)

async function holds(steps: readonly Step[]): Promise<void> {
  const fleet = await Fleet.start()
  for (const one of steps) await fleet.take(one)
  await fleet.settle()
}

interface Step {
  readonly what: 'write' | 'sync' | 'sync together' | 'back up' | 'restore' | 'copy over' | 'wipe'
  readonly one: number
  readonly other: number
  /** Of a sync. */
  readonly batch: number
  /** Happens in the middle of a sync, before or after its n-th call. */
  readonly meanwhile: { readonly call: number; readonly after: boolean; readonly step: Step } | null
}

const place = fc.nat({ max: 2 })
const what = fc.oneof(
  ...(
    [
      ['write', 6],
      ['sync', 8],
      ['sync together', 2],
      ['back up', 1],
      ['restore', 1],
      ['copy over', 1],
      ['wipe', 1],
    ] as const
  ).map(([one, weight]) => ({ weight, arbitrary: fc.constant(one) })),
)
const plain = { what, one: place, other: place, batch: fc.integer({ min: 1, max: 4 }) }
const step: fc.Arbitrary<Step> = fc.record({
  ...plain,
  meanwhile: fc.option(
    fc.record({
      call: fc.nat({ max: 7 }),
      after: fc.boolean(),
      step: fc.record({ ...plain, meanwhile: fc.constant(null) }),
    }),
  ),
})

/** Three machines, their backups, and the ids that must not be lost. */
class Fleet {
  readonly #machines: Machine[]
  readonly #backups: (readonly string[] | undefined)[] = []
  #acknowledged = new Set<string>()
  #written = 0

  private constructor(machines: Machine[]) {
    this.#machines = machines
  }

  static async start(): Promise<Fleet> {
    return new Fleet(await Promise.all(['x', 'y', 'z'].map((name) => machine(name))))
  }

  async take(step: Step): Promise<void> {
    const { one, other } = step
    switch (step.what) {
      case 'write': {
        const id = `e${++this.#written}`
        await write(this.#at(one), `a${other}${step.batch}`, id)
        this.#acknowledged.add(id)
        return
      }
      case 'sync':
        if (one !== other) await this.#sync(step)
        return
      case 'sync together':
        if (one !== other)
          await Promise.all([
            this.#sync(step),
            this.#sync({ ...step, one: other, other: one, meanwhile: null }),
          ])
        return
      case 'back up':
        this.#backups[one] = [...this.#at(one).records]
        return
      case 'restore':
        return this.#replace(one, this.#backups[other])
      case 'copy over':
        return this.#replace(one, this.#at(other).records)
      case 'wipe':
        return this.#replace(one, [])
    }
  }

  /** One syncs with the others; then all hold the same, and all that anybody still held. */
  async settle(): Promise<void> {
    for (const other of [1, 2, 1]) {
      const { errors } = await trySync(this.#at(0), this.#at(other))
      if (errors[0] !== undefined) throw errors[0]
    }
    await expectSame(this.#at(0), this.#at(1), this.#at(2))
    const held = new Set(await idsOf(this.#at(0)))
    for (const id of this.#acknowledged) if (!held.has(id)) throw new Error(`${id} is lost`)
  }

  async #sync({ one, other, batch: count, meanwhile }: Step): Promise<void> {
    let calls = 0
    const meet = async (after: boolean): Promise<void> => {
      if (meanwhile === null || meanwhile.after !== after) return
      if (meanwhile.call === calls - (after ? 1 : 0)) await this.take(meanwhile.step)
    }
    const disturbed = async <T>(call: () => Promise<T>): Promise<T> => {
      await meet(false)
      calls++
      const answer = await call()
      await meet(true)
      return answer
    }
    // Whoever stands there at the moment of a call answers it.
    const there = (): Transport<LogEvent> => memoryTransport(this.#at(other).store)
    const transport = scriptedTransport(there(), {
      hello: (_, ...args) => disturbed(() => there().hello(...args)),
      push: (_, ...args) => disturbed(() => there().push(...args)),
      pull: (_, ...args) => disturbed(() => there().pull(...args)),
    })
    await trySync(this.#at(one), this.#at(other), { transport, batch: { count } })
  }

  async #replace(at: number, records: readonly string[] = []): Promise<void> {
    this.#machines[at] = await machine(`node-${at}`, [...records])
    // What only the replaced machine held is gone with it.
    const held = new Set((await Promise.all(this.#machines.map(idsOf))).flat())
    this.#acknowledged = new Set([...this.#acknowledged].filter((id) => held.has(id)))
  }

  #at(at: number): Machine {
    return this.#machines[at] as Machine
  }
}
