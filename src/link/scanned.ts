import type { Cursor } from '../version/index.ts'

/**
 * How far our log was read behind a push checkpoint, and held nothing to push, where that is not written down: see `push`.
 * One for each link, for all who say hello over it. Who went back to the checkpoint would not only read in vain: a state
 * storage lets go of tombstones, and whoever reads from before them is answered `reset`, as if their deletes were not known
 * there. Those that came over this very link are.
 */
export class Scanned {
  #last: { readonly generation: number; readonly pushed: Cursor; readonly upTo: Cursor } | undefined

  /** Nothing is to be pushed from this checkpoint up to there. */
  note(generation: number, pushed: Cursor, upTo: Cursor): void {
    this.#last = { generation, pushed, upTo }
  }

  /** Where to read on from a checkpoint: there, unless this knows better. */
  after(generation: number, pushed: Cursor): Cursor {
    const last = this.#last
    return last?.generation === generation && last.pushed === pushed ? last.upTo : pushed
  }
}
