import type { EventStore } from '../../contracts/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import type { Random } from './random.ts'

/** What a process of a simulated world is made of. */
export interface SimulatedProcess {
  /** The machine's name. */
  readonly name: string
  /** Its log. What is appended to it is owed; the links work on it. */
  readonly store: EventStore
  /** Its clock, timers and random numbers. Whatever waits or draws by anything else can't be replayed. */
  readonly runtime: Runtime
}

/** What one act goes by. */
export interface Act {
  readonly name: string
  /** For whatever an act draws: the same seed draws the same. */
  readonly random: Random
  /** Acts of the whole world so far, this one included. */
  readonly number: number
}

/**
 * An application under the simulator, in place of its own users: its events, rules and projections run on every
 * node, through crashes, restores and partitions. All of it has to be deterministic: no timers, clocks and random
 * numbers but those that are handed in.
 *
 * What rejects is a finding, a disk that has failed or is full excepted.
 */
export interface Application<Node = unknown> {
  /** Called for each start of a process: usually a `SyncNode` without a transport, as the world does the syncing. */
  start(process: SimulatedProcess): Node | Promise<Node>
  /** One thing that a user does, at a random moment. */
  act?(node: Node, act: Act): unknown
  /** What must be the same on every node at rest, as JSON: states of projections, effective histories (C2). */
  view?(node: Node): unknown
  /** An invariant of the application's own: what is wrong with a node, after each act and at rest. */
  check?(node: Node): string | undefined | Promise<string | undefined>
}
