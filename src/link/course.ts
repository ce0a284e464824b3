import type { RejoinError } from '../errors/index.ts'
import type { Logger } from '../ports/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { type LinkAct, type LinkEvent, type LinkPhase, linkTable } from './phases.ts'
import { Transitions } from './transitions.ts'

/** What is done about each word of the table. */
export type LinkActs = Readonly<Record<LinkAct, (error?: RejoinError) => void>>

/** Where a link stands in its table, and how it has come there. */
export class Course {
  readonly transitions: Transitions
  readonly #runtime: Pick<Runtime, 'now'>
  readonly #acts: LinkActs
  #phase: LinkPhase = 'stopped'
  #since: number

  constructor(acts: LinkActs, runtime: Pick<Runtime, 'now'>, logger: Logger) {
    this.transitions = new Transitions(logger)
    this.#runtime = runtime
    this.#acts = acts
    this.#since = runtime.now()
  }

  get phase(): LinkPhase {
    return this.#phase
  }

  /** Milliseconds since 1970. */
  get since(): number {
    return this.#since
  }

  /** Goes where the table says, and does what it says about it. `error`: what failed, when something did. */
  on(event: LinkEvent, error?: RejoinError): void {
    const outcome = linkTable[this.#phase][event]
    if (outcome === 'ignored') return
    const from = this.#phase
    const { to, act } = outcome
    this.#phase = to
    if (from !== to) {
      this.#since = this.#runtime.now()
      const code = error && { code: error.code }
      this.transitions.add({ at: this.#since, from, to, event, ...code })
      // A listener may have asked for something else.
      if (this.#phase !== to) return
    }
    this.#acts[act](error)
  }
}
