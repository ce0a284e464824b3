import type { Readable } from 'node:stream'
import type { Output } from './terminal/output.ts'

/** All that a command touches of the process it runs in. */
export interface CommandIo {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly out: Output
  readonly err: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborts at the first SIGINT or SIGTERM, with an `Interruption` as its reason. */
  readonly signal: AbortSignal
}
