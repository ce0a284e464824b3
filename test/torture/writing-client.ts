import type { EventStore, Transport } from '../../src/contracts/index.ts'
import type { EventId, LogEvent } from '../../src/event/index.ts'
import { syncOnce } from '../../src/link/index.ts'
import { MemoryStore } from '../../src/store/memory/index.ts'
import type { Random } from '../../src/testing/simulator/random.ts'
import { httpTransport } from '../../src/transport/http/index.ts'
import { batchOf } from './batch.ts'

/** A node that writes and syncs with a hub, and remembers what the hub told it to have. */
export class WritingClient {
  readonly store: EventStore
  readonly #name: string
  readonly #random: Random
  readonly #tell: Telling
  readonly confirmed = new Set<EventId>()
  /** Pushes the hub has not answered: under way, or cut short. */
  unanswered = 0
  #batches = 0

  static async open(name: string, random: Random, tell: Telling): Promise<WritingClient> {
    return new WritingClient(name, await MemoryStore.open({ node: name }), random, tell)
  }

  private constructor(name: string, store: EventStore, random: Random, tell: Telling) {
    this.#name = name
    this.store = store
    this.#random = random
    this.#tell = tell
  }

  /** Writes and syncs until the hub is cut off; rejects when anything goes wrong before that. */
  async writeUntil(cut: AbortSignal, url: string): Promise<void> {
    while (!cut.aborted) {
      const batch = `${this.#name}.${++this.#batches}`
      await this.store.append(batchOf(batch, this.#random.int(1, 60)))
      const [error] = await this.sync(url)
      if (error !== undefined && !cut.aborted) throw error
    }
  }

  /** Answers with the errors. */
  async sync(url: string): Promise<readonly Error[]> {
    await using transport = this.#noting(httpTransport({ url }))
    const batch = { count: this.#random.int(5, 50) }
    return (await syncOnce({ replica: this.store, transport, batch })).errors
  }

  #noting(transport: Transport<LogEvent>): Transport<LogEvent> {
    return {
      ...transport,
      push: async (batch, signal) => {
        this.unanswered++
        this.#tell('push')
        const answer = await transport.push(batch, signal)
        this.unanswered--
        if (answer.kind === 'applied')
          answer.receipts.forEach(({ kind }, at) => {
            if (kind === 'stored' || kind === 'filled' || kind === 'duplicate')
              this.confirmed.add((batch.changes[at] as LogEvent).id)
          })
        this.#tell('answer')
        return answer
      },
    }
  }
}

type Telling = (what: 'push' | 'answer') => void
