import { systemRuntime, type Timer } from '../../runtime/index.ts'
import type { Random } from './random.ts'
import { type Task, TaskQueue } from './task-queue.ts'

/*
 *   after(ms, …) ──► queue by (time, seeded tie) ──► one step: run the task, then every promise it woke
 *
 * Time stands still during a step and jumps to the next task's time between two steps.
 */

/** What ended a run: no task was left, the condition held, or the steps allowed were used up. */
export type RunEnd = 'idle' | 'until' | 'steps'

export interface RunLimits {
  /** Ends before the first task later than this time, or before the first step at which this holds. */
  readonly until?: number | (() => boolean)
  /** Default 1,000,000: a run that never ends is a finding too. */
  readonly maxSteps?: number
  /** Called before each step: the moment to crash a node or to look at the world. */
  readonly beforeStep?: () => void
}

/**
 * The one thing that makes anything happen in a simulated world. It runs one task at a time in virtual
 * time and waits for all promises to settle in between, so a run is a function of its seed. No real time
 * passes.
 */
export class Scheduler {
  readonly #queue = new TaskQueue()
  readonly #ties: Random
  readonly #watch: (task: Task) => void
  #now = 0
  #steps = 0
  #order = 0
  #running = false
  #signal: AbortSignal | undefined

  /** `watch` hears of every task just before it runs. */
  constructor(random: Random, watch: (task: Task) => void = () => {}) {
    this.#ties = random.fork('ties')
    this.#watch = watch
  }

  /** Virtual milliseconds since the start. */
  get now(): number {
    return this.#now
  }

  get steps(): number {
    return this.#steps
  }

  /** Runs `run` once, `ms` from now, or never when that is `Infinity`; among tasks of the same time the seed decides. */
  after(ms: number, label: string, run: () => void): Timer {
    if (ms === Number.POSITIVE_INFINITY) return { cancel: () => {} }
    const time = this.#now + Math.max(0, ms)
    const task: Task = { time, tie: this.#ties.next(), order: this.#order++, label, run }
    this.#queue.add(task)
    return { cancel: () => this.#queue.remove(task) }
  }

  /** From its abort on no step is taken: who runs gets its reason. */
  stopAt(signal: AbortSignal | undefined): void {
    this.#signal = signal
  }

  /** Takes steps until a limit is met. What a task throws ends the run. */
  async run(limits: RunLimits = {}): Promise<RunEnd> {
    if (this.#running) throw new Error('the scheduler is running already')
    this.#running = true
    try {
      return await this.#takeSteps(limits)
    } finally {
      this.#running = false
    }
  }

  async #takeSteps(limits: RunLimits): Promise<RunEnd> {
    const { until, maxSteps = 1_000_000, beforeStep } = limits
    await promisesSettled()
    for (let taken = 0; ; taken++) {
      this.#signal?.throwIfAborted()
      if (typeof until === 'function' && until()) return 'until'
      if (taken >= maxSteps) return 'steps'
      beforeStep?.()
      const task = this.#queue.first
      if (typeof until === 'number' && (task === undefined || task.time > until)) {
        this.#now = Math.max(this.#now, until)
        return 'until'
      }
      if (task === undefined) return 'idle'
      this.#queue.remove(task)
      this.#now = task.time
      this.#steps++
      this.#watch(task)
      task.run()
      await promisesSettled()
    }
  }
}

// A real macrotask starts only when the microtask queue is empty, however long the chains of promises are.
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => systemRuntime.soon(resolve))
}
