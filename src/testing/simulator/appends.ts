import type { Expected } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import type { NewEvent } from '../../event/index.ts'
import { tenantOf } from './filters.ts'
import type { Report } from './ledger.ts'
import type { Life } from './machine.ts'
import type { Random } from './random.ts'
import type { Trace } from './trace.ts'

export interface AppendsOptions {
  readonly node: string
  readonly random: Random
  readonly trace: Trace
  readonly report: Report
  readonly aggregates: readonly string[]
  /** Numbers every event of the world. */
  readonly nextNumber: () => number
}

/** What one machine's user appends: new facts, now and then one of the last few again, or a lie about it. */
export class Appends {
  readonly #options: AppendsOptions
  #recent: NewEvent[] = []

  constructor(options: AppendsOptions) {
    this.#options = options
  }

  /**
   * From here on nothing earlier is repeated. After a wipe, a repeat would be another event under a known
   * id, which a user has only himself to blame for.
   */
  forget(): void {
    this.#recent = []
  }

  async appendSome(life: Life): Promise<void> {
    const { random } = this.#options
    const repeat = this.#recent.length > 0 && random.chance(0.15)
    if (!repeat) return this.#append(life, this.#draw())
    const event = random.pick(this.#recent)
    if (random.chance(0.3)) await this.#lie(life, event)
    else await this.#append(life, [event])
  }

  async #append(life: Life, events: readonly NewEvent[]): Promise<void> {
    const { node, random, trace, report } = this.#options
    const aggregateId = events[0]?.aggregateId as string
    const expected = random.chance(0.3) ? await life.store.heads(aggregateId) : 'any'
    const what = events.map(nameOf).join(' ')
    trace.note(`${node} appends ${what} to ${aggregateId}`)
    const outcome = await life.store.append(events, { expected: orNone(expected) })
    if (outcome.kind === 'stale') return trace.note(`${node} is too late with ${what}`)
    trace.note(`${node} has ${what}`)
    const odd = outcome.events.find(
      (event, at) => event.stub !== 'erased' && event.dataText !== textOf(events[at]),
    )
    if (odd !== undefined) report('L1', `${node} got ${odd.id} back with another content`)
  }

  /** L2: other content under a known id. */
  async #lie(life: Life, event: NewEvent): Promise<void> {
    const { node, report } = this.#options
    const [known] = await life.store.fetch([event.id as LogId])
    if (known === undefined) return
    try {
      const outcome = await life.store.append([{ ...event, data: { lie: true } }])
      // Nothing is left to hold it against, and nothing was stored.
      if (outcome.kind === 'appended' && outcome.events[0]?.stub === 'erased') return
      report('L2', `${node} took other content under ${event.id}`)
    } catch (error) {
      if (!(error instanceof RejoinError) || error.code !== 'id_conflict') throw error
    }
  }

  #draw(): readonly NewEvent[] {
    const { random, aggregates } = this.#options
    const aggregateId = random.pick(aggregates)
    const count = random.pick([1, 1, 1, 2, 3])
    const events = Array.from({ length: count }, () => this.#drawOne(aggregateId))
    this.#recent = [...this.#recent, ...events.filter(({ id }) => id !== undefined)].slice(-5)
    return events
  }

  #drawOne(aggregateId: string): NewEvent {
    const { node, random, nextNumber } = this.#options
    const number = nextNumber()
    return {
      aggregateId,
      type: random.pick(['set', 'added']),
      data: { number },
      // Names of their own make the trace readable; some are left to the store, as most users do.
      ...(random.chance(0.8) && { id: `${node}${number}` }),
      ...(random.chance(0.3) && { metadata: { by: node, number, tenant: tenantOf(aggregateId) } }),
    }
  }
}

type LogId = Parameters<Life['store']['fetch']>[0][number]

function orNone(expected: Expected): Expected {
  return expected.length === 0 ? 'none' : expected
}

function nameOf(event: NewEvent): string {
  return event.id ?? textOf(event)
}

function textOf(event: NewEvent | undefined): string {
  return JSON.stringify(event?.data)
}
