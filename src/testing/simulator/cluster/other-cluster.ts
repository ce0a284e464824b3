import { RejoinError } from '../../../errors/index.ts'
import type { ClusterWorld } from './cluster-world.ts'
import { Server, type ServerLife } from './server.ts'
import type { Side } from './side.ts'
import { type Report, StateLedger } from './state-ledger.ts'

/**
 * Another cluster in the same world, with another name, of one server at first: it knows the addresses of all
 * others and they know its own, it shares the same keys, and promotes itself again and again, later than anybody
 * else. What comes from one cluster to the other is in the book of neither, and so breaks T1 there.
 */
export class OtherCluster implements Side {
  readonly name = 'other'
  readonly leader = outsider
  readonly ledger: StateLedger
  readonly #world: ClusterWorld
  readonly #servers: Server[]

  constructor(world: ClusterWorld, report: Report) {
    this.ledger = new StateLedger((invariant, message) =>
      report(invariant, `in the other cluster ${message}`),
    )
    this.#world = world
    this.#servers = [new Server(outsider, world)]
  }

  get servers(): readonly Server[] {
    return this.#servers
  }

  /** From now on it is one of these. */
  join(server: Server): void {
    this.#servers.push(server)
  }

  /** What its leader does beside what all do: it is promoted, and once more as long as there is trouble. */
  async lead(life: ServerLife): Promise<void> {
    for (;;) {
      await life.fence.hold(life.cluster.promote()).catch((error: unknown) => {
        if (!(error instanceof RejoinError) || error.code !== 'closed') throw error
      })
      await life.runtime.sleep(promoteEvery)
      if (this.#world.isCalm) return
    }
  }
}

/** The server that is in the other cluster from the beginning. */
export const outsider = 'x'

/** Milliseconds. */
const promoteEvery = 7_000
