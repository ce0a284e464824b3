import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** An event as Go's JSON has it. */
export interface GoEvent {
  readonly id: string
  readonly type: string
  readonly aggregate_id: string
  readonly data: unknown
  readonly metadata: Readonly<Record<string, unknown>> | null
}

export interface GoSync {
  readonly pushed: number
  readonly pulled: number
  readonly errors: readonly string[]
}

/**
 * A running process of interop/go or interop/go-sync-kit, which answers each order with a line; see their
 * orders.go.
 */
export class GoProcess {
  readonly #child
  readonly #lines
  #first = ''
  #complaint = ''

  static server(program: string, flavour: Flavour, ...options: string[]): Promise<GoProcess> {
    return GoProcess.#start(program, ['server', '-flavour', flavour, ...options])
  }

  /** Where the program is interop/go-sync-kit, which has one flavour. */
  static libraryServer(program: string): Promise<GoProcess> {
    return GoProcess.#start(program, ['server'])
  }

  static client(program: string, url: string): Promise<GoProcess> {
    return GoProcess.#start(program, ['client', '-url', url])
  }

  static async #start(program: string, args: readonly string[]): Promise<GoProcess> {
    const process = new GoProcess(program, args)
    process.#first = await process.#line()
    return process
  }

  private constructor(program: string, args: readonly string[]) {
    this.#child = spawn(program, args, { stdio: 'pipe' })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint += text
    })
    this.#child.stdin.on('error', () => {}) // it is gone, and its output says so by ending
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]()
  }

  /** Where a server is, with its /sync. */
  get url(): string {
    return this.#first.replace('listening on ', '')
  }

  /** What the order answers; rejects with what went wrong, in Go's words. */
  async ask<T = number>(order: string): Promise<T> {
    this.#child.stdin.write(`${order}\n`)
    const answer = JSON.parse(await this.#line())
    if (answer?.error !== undefined) throw new Error(answer.error)
    return answer
  }

  put(events: readonly GoEvent[]): Promise<number> {
    return this.ask(`put ${JSON.stringify(events)}`)
  }

  sync(how: 'push-only' | 'pull-only' | '' = ''): Promise<GoSync> {
    return this.ask(`sync ${how}`.trim())
  }

  /** Its log, in order. */
  async events(): Promise<readonly GoEvent[]> {
    return (await this.ask<{ event: GoEvent }[]>('dump')).map(({ event }) => event)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'close')
    this.#child.kill('SIGKILL')
    await ended
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error(`the Go program ended: ${this.#complaint}`)
    return value
  }
}

export type Flavour = 'v0.16' | 'v0.22'
