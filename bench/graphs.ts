import type { Stamp } from '../src/clock/index.ts'
import { type ContentHash, type EventId, LogEvent, type Origin } from '../src/event/index.ts'
import { randomNumbers } from './workload.ts'

/** Histories of one aggregate, the same in every run. */
export const graphs = {
  /** One writer. */
  line: (events: number) => new Writing().line(events).events,
  /** One writer, and at the end two who don't know of each other. */
  heads(events: number) {
    const writing = new Writing().line(events - 2)
    const below = writing.heads
    writing.write(0, below)
    writing.write(1, below)
    return writing.events
  },
  /** Two people typing at once: about every twelve events they fork, and merge again. */
  forks(events: number) {
    const writing = new Writing()
    const random = randomNumbers(1)
    let below: readonly EventId[] = []
    while (writing.events.length < events) {
      const ends = [0, 1].map((agent) => {
        let end = below
        for (let left = 1 + random(10); left > 0; left--) end = [writing.write(agent, end)]
        return end
      })
      below = [writing.write(random(2), ends.flat())]
    }
    return writing.events
  },
} as const

export type GraphName = keyof typeof graphs

class Writing {
  readonly events: LogEvent[] = []
  heads: readonly EventId[] = []

  line(count: number): this {
    for (let left = count; left > 0; left--) this.heads = [this.write(0, this.heads)]
    return this
  }

  write(agent: number, parents: readonly EventId[]): EventId {
    const number = this.events.length
    const id = `0199abcd-ef01-7abc-8def-${String(number).padStart(12, '0')}` as EventId
    const event = new LogEvent({
      id,
      parents,
      origin: `agent-${agent}~0123456789abcdef` as Origin,
      sequence: BigInt(number + 1),
      stamp: (1_759_000_000_000_000_000n + BigInt(number)) as Stamp,
      aggregateId: 'text',
      type: 'Edited',
      schemaVersion: 1,
      hash: 'h'.repeat(43) as ContentHash,
      metadataText: '',
      dataText: `{"field-${number % 10}":${number}}`,
      stub: null,
    })
    this.events.push(event)
    return id
  }
}
