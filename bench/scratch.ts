import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder for the files of one round, gone with it. `REJOIN_BENCH_DIR` chooses the disk. */
export class Scratch {
  readonly #folder = mkdtempSync(join(process.env.REJOIN_BENCH_DIR ?? tmpdir(), 'rejoin-bench-'))

  path(name: string): string {
    return join(this.#folder, name)
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
