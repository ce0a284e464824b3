import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'

/** How badly a network behaves. Probabilities are per message; a call is a request and an answer. */
export interface Weather {
  /** Mean milliseconds a message travels. Each one by itself, so messages overtake each other. */
  readonly delay: number
  readonly loss: number
  /** A request that arrives twice is executed twice. */
  readonly duplication: number
  /** Mean milliseconds by which the second one is late, half of the time; else it comes right away. */
  readonly lateness: number
  /** Milliseconds a caller waits for its answer. */
  readonly patience: number
}

export interface LineOptions {
  readonly way: string
  readonly scheduler: Scheduler
  readonly random: Random
  readonly weather: () => Weather
  readonly isCut: () => boolean
  readonly reordered: () => void
}

/** One direction between two nodes. A message on it arrives once, at any time, or is lost. */
export class Line {
  readonly #options: LineOptions
  #sent = 0
  #latest = 0

  constructor(options: LineOptions) {
    this.#options = options
  }

  /** A cut that comes while the message travels takes it as well. */
  send(message: string, arrived: () => void, lost: () => void, late = 0): void {
    const { way, scheduler, random, weather, isCut } = this.#options
    const number = ++this.#sent
    const isLost = random.chance(weather().loss) || isCut()
    scheduler.after(late + random.exponential(weather().delay), `${way} ${message}`, () => {
      if (isLost || isCut()) return lost()
      if (number < this.#latest) this.#options.reordered()
      this.#latest = Math.max(this.#latest, number)
      arrived()
    })
  }

  /** Milliseconds by which the second copy of a message comes later; `undefined` when there is none. */
  drawDuplicate(): number | undefined {
    const { random, weather } = this.#options
    if (!random.chance(weather().duplication)) return undefined
    return random.chance(0.5) ? 0 : random.exponential(weather().lateness)
  }

  /** Whether the sender learns of a loss, or has to find out by waiting. */
  drawNotice(): boolean {
    return this.#options.random.chance(0.5)
  }
}
