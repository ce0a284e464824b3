import { type ChildProcess, fork } from 'node:child_process'
import type { Parameters } from './benchmark.ts'

/** What a process of its own can be told to do: calls without arguments, one at a time. */
export interface Actor {
  close(): Promise<void>
}

/** Which actor: `benchmarks` names the benchmark, its `sides` or `servers` the function that makes it. */
export interface Role {
  readonly benchmark: string
  readonly kind: 'sides' | 'servers'
  readonly name: string
  readonly parameters: Parameters
}

export type Order = { readonly begin: Role } | { readonly call: string }

export type Report =
  | { readonly result: unknown; readonly peakBytes: number }
  | { readonly failure: string }

/** An actor in its process. */
export class RemoteActor<T extends Actor> {
  readonly #child: ChildProcess
  #peakBytes = 0

  static async begin<T extends Actor>(role: Role): Promise<RemoteActor<T>> {
    const actor = new RemoteActor<T>()
    try {
      await actor.#ask({ begin: role })
      return actor
    } catch (error) {
      actor.end()
      throw error
    }
  }

  private constructor() {
    const execArgv = ['--expose-gc', ...(process.env.REJOIN_BENCH_NODE_FLAGS?.split(' ') ?? [])]
    this.#child = fork(new URL('./actor-process.ts', import.meta.url), { execArgv })
  }

  /** The most memory it has held so far. */
  get peakBytes(): number {
    return this.#peakBytes
  }

  call<M extends keyof T & string>(method: M): Promise<Result<T[M]>> {
    return this.#ask({ call: method }) as Promise<Result<T[M]>>
  }

  async close(): Promise<void> {
    if (!this.#child.connected) return
    await this.#ask({ call: 'close' })
    this.#child.disconnect()
  }

  /** At once, whatever it is doing. */
  end(): void {
    if (this.#child.connected) this.#child.kill()
  }

  #ask(order: Order): Promise<unknown> {
    const child = this.#child
    return new Promise((resolve, reject) => {
      const exited = () => reject(new Error('a process ended in the middle of its work'))
      child.once('exit', exited)
      child.once('message', (report: Report) => {
        child.off('exit', exited)
        if ('failure' in report) return reject(new Error(report.failure))
        this.#peakBytes = report.peakBytes
        resolve(report.result)
      })
      child.send(order)
    })
  }
}

type Result<F> = F extends () => Promise<infer R> ? R : never
