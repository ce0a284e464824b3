import type { StateObject } from '../../../contracts/index.ts'

/** A path's change as far as a value needs to know it. */
export interface ValueChange {
  readonly path: string
  readonly object: StateObject | undefined
}

/** What subscribers of one path or pattern see, kept up to date by changes. */
export interface LiveValue {
  /** As GET answers it. */
  readonly text: string
  /** Characters of `text`, known without making it. */
  readonly size: number
  /**
   * Takes changes in, in feed order. Gives the operations that follow, each as JSON text, or `undefined` when
   * only a snapshot can tell it.
   */
  apply(changes: readonly ValueChange[]): readonly string[] | undefined
}
