import type { HistoryOf } from '../contracts/index.ts'

/** What events mean to read models, and a text that tells it from what they meant under other rules. */
export interface Meaning {
  /** What conflicts and upcasters make of an aggregate's events; absent: every event counts as it is. */
  readonly history?: HistoryOf | undefined
  readonly rules: string
}

/** The meaning that holds for the time being: read where work begins, so that a piece of work has one. */
export interface CurrentMeaning {
  readonly now: Meaning
}
