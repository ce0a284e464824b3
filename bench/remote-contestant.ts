import { type ChildProcess, fork } from 'node:child_process'
import type { Entry, Sample } from './benchmark.ts'
import type { Order, Report } from './side-process.ts'

/** A side of a case in its process. */
export class RemoteContestant {
  readonly #child: ChildProcess

  /**
   * One process a side for all its rounds: what is compared is code that runs for hours, so the compiler
   * has seen it (the warm-up round), and each side has a heap of its own.
   */
  static async start(module: string, { side, parameters }: Entry): Promise<RemoteContestant> {
    const one = new RemoteContestant()
    await one.#ask({ kind: 'prepare', module, side, parameters })
    return one
  }

  private constructor() {
    const execArgv = ['--expose-gc', ...(process.env.REJOIN_BENCH_NODE_FLAGS?.split(' ') ?? [])]
    this.#child = fork(new URL('./side-process.ts', import.meta.url), { execArgv })
  }

  async round(): Promise<{ readonly sample: Sample; readonly peakBytes: number }> {
    const report = await this.#ask({ kind: 'round' })
    if (report.kind !== 'sample') throw new Error(`a side answered "${report.kind}" to a round`)
    return report
  }

  async close(): Promise<void> {
    if (!this.#child.connected) return
    await this.#ask({ kind: 'close' })
    this.#child.disconnect()
  }

  /** At once, whatever it is doing. */
  end(): void {
    this.#child.kill()
  }

  #ask(order: Order): Promise<Report> {
    const child = this.#child
    return new Promise((resolve, reject) => {
      const exited = () => reject(new Error('a side ended in the middle of its work'))
      child.once('exit', exited)
      child.once('message', (report: Report) => {
        child.off('exit', exited)
        if (report.kind === 'failed') reject(new Error(report.error))
        else resolve(report)
      })
      child.send(order)
    })
  }
}
