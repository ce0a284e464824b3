import { expect } from 'vitest'
import type { Entry, EventStore } from '../../src/contracts/index.ts'
import { audit, type BatchPlace, brokenBatches } from './audit.ts'
import { batchOf } from './batch.ts'
import { coveredBy, peer, peerEvent } from './peer.ts'

/** What appenders were promised about one file, from what they said. */
export class Promises {
  readonly #sent = new Map<string, number>()
  readonly #stored = new Map<string, readonly string[]>()
  #pulled = 0

  /** Acknowledged events. */
  get events(): number {
    return [...this.#stored.values()].flat().length + this.#pulled
  }

  /** Appends without an answer. */
  get unanswered(): number {
    return this.#sent.size - this.#stored.size
  }

  hear(lines: readonly string[]): void {
    for (const line of lines) {
      const [word, name = '', ...rest] = line.split(' ')
      if (word === 'sending') this.#sent.set(name, Number(rest[0]))
      else if (word === 'stored') this.#stored.set(name, rest)
      else if (word === 'pulled') this.#pulled = Number(name)
    }
  }

  /**
   * Holds the file against them. Answers with how many of the appends that never got an answer are in
   * it, whole: the commit came before the kill, the answer didn't.
   */
  async check(store: EventStore): Promise<{ readonly unansweredThere: number }> {
    const entries = await audit(store)
    const batches = Map.groupBy(
      entries,
      ({ event }) => (event.metadata as Partial<BatchPlace>).batch,
    )
    const problems = [
      ...brokenBatches(entries),
      ...[...this.#stored].flatMap(([batch, ids]) => missingOf(batch, ids, batches.get(batch))),
      ...[...batches].flatMap(([batch, found]) =>
        batch === undefined ? [] : this.#stray(batch, found),
      ),
      ...(await this.#pulledProblems(store, batches.get(undefined) ?? [])),
    ]
    expect(problems.slice(0, 10), `${problems.length} broken promises`).toEqual([])
    const isUnanswered = (batch?: string) => batch !== undefined && !this.#stored.has(batch)
    return { unansweredThere: [...batches.keys()].filter(isUnanswered).length }
  }

  /** What is there was sent, and is what was sent. */
  #stray(batch: string, found: readonly Entry[]): readonly string[] {
    const size = this.#sent.get(batch)
    if (size === undefined) return [`${batch} is there, but was never sent`]
    const events = batchOf(batch, size)
    const isSame = found.every(({ event }, at) => {
      const { type, aggregateId, data, id = event.id } = events[at] ?? { type: '', aggregateId: '' }
      const isIt = event.id === id && event.type === type && event.aggregateId === aggregateId
      return isIt && event.dataText === JSON.stringify(data)
    })
    return isSame && found.length === size ? [] : [`${batch} is not what was sent`]
  }

  /** Data and cursor came together (L4). */
  async #pulledProblems(store: EventStore, found: readonly Entry[]): Promise<readonly string[]> {
    const covered = coveredBy((await store.link(peer)).pulled)
    if (covered < this.#pulled) return [`pulled up to ${covered}, acknowledged was ${this.#pulled}`]
    if (covered !== found.length) return [`pulled up to ${covered}, but ${found.length} are there`]
    return found.flatMap(({ event }, at) =>
      event.id === peerEvent(at + 1).id ? [] : [`${event.id} at the place of ${at + 1}`],
    )
  }
}

function missingOf(
  batch: string,
  ids: readonly string[],
  found: readonly Entry[] = [],
): readonly string[] {
  const there = new Set<string>(found.map(({ event }) => event.id))
  return ids.filter((id) => !there.has(id)).map((id) => `${id} of ${batch} is lost`)
}
