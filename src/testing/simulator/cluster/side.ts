import type { Server } from './server.ts'
import type { StateLedger } from './state-ledger.ts'

/** A cluster of a world: its servers go by its name and its leader, and what they promise stands in its own book. */
export interface Side {
  readonly name: string
  /** Who leads, as the configuration has it. */
  readonly leader: string
  readonly servers: readonly Server[]
  readonly ledger: StateLedger
}
