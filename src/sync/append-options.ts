import type { AppendOptions } from '../contracts/index.ts'

/** As a store's, and how far an append goes before it resolves. */
export interface NodeAppendOptions extends AppendOptions {
  /** `local`: it is durable here; the default. `remote`: the primary remote has confirmed it. */
  readonly until?: 'local' | 'remote'
}
