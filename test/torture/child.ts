import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * A process that a test may kill. Both sides talk in lines: what it has said is in its pipe, and reaches
 * us even when it is killed right after.
 */
export class Child {
  readonly #process: ChildProcess
  readonly #lines: string[] = []
  readonly #listeners = new Set<(line: string) => void>()
  readonly #ended: Promise<void>
  #hasEnded = false
  #complaint = ''

  /** A script of `children/`. `via`: a program that runs it, such as strace. */
  static start(script: string, options: object, via: readonly string[] = []): Child {
    return new Child([...via, ...node(`./children/${script}.ts`), JSON.stringify(options)])
  }

  /** The command `rejoin`. */
  static command(...args: readonly string[]): Child {
    return Child.commandVia([], ...args)
  }

  /** The same, run by a program such as `ip netns exec`. */
  static commandVia(via: readonly string[], ...args: readonly string[]): Child {
    return new Child([...via, ...node('../../bin/rejoin.mjs'), ...args])
  }

  private constructor([program, ...args]: readonly string[]) {
    const process = spawn(program as string, args, { stdio: 'pipe', env: environment })
    this.#process = process
    process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint += text
    })
    // A child that was killed does not listen any more.
    process.stdin?.on('error', () => {})
    this.#ended = new Promise((resolve, reject) => {
      process.on('error', reject)
      process.on('close', () => {
        this.#hasEnded = true
        resolve()
      })
    })
    this.#read()
  }

  /** All it has said so far. */
  get lines(): readonly string[] {
    return this.#lines
  }

  /** Resolves with the line that is the `count`th to begin with this word. */
  async said(word: string, count = 1): Promise<string> {
    let left = count
    let listener: ((line: string) => void) | undefined
    const heard = new Promise<string>((resolve) => {
      listener = (line) => {
        if ((line === word || line.startsWith(`${word} `)) && --left === 0) resolve(line)
      }
      for (const line of this.#lines) listener(line)
      this.#listeners.add(listener)
    })
    try {
      return await Promise.race([heard, this.#ended.then(() => this.#silent(word))])
    } finally {
      this.#listeners.delete(listener as (line: string) => void)
    }
  }

  tell(line: string): void {
    this.#process.stdin?.write(`${line}\n`)
  }

  /** `kill -9`; resolves when it is dead and everything it said is heard. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#ended
    if (this.#process.signalCode !== 'SIGKILL') await this.done()
  }

  /** From now on it does nothing at all; what it is sent waits. */
  freeze(): void {
    this.#process.kill('SIGSTOP')
  }

  thaw(): void {
    this.#process.kill('SIGCONT')
  }

  /** Resolves when it has ended by itself, and well. */
  async done(): Promise<void> {
    await this.#ended
    const { exitCode, signalCode } = this.#process
    if (exitCode !== 0)
      throw new Error(`a child ended (${exitCode ?? signalCode}): ${this.#complaint}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded) await this.kill()
  }

  #read(): void {
    const { stdout } = this.#process
    if (stdout === null) return
    let rest = ''
    // Not readline: it takes a line that a kill cut short for a whole one.
    stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() as string
      for (const line of lines) this.#hear(line)
    })
  }

  #hear(line: string): void {
    this.#lines.push(line)
    for (const listener of [...this.#listeners]) listener(line)
  }

  #silent(word: string): never {
    throw new Error(`a child ended without a word of "${word}": ${this.#complaint}`)
  }
}

// What vitest sets for its own workers must not change what a child does.
const { NODE_OPTIONS: _, VITEST: __, ...environment } = process.env

function node(script: string): readonly string[] {
  return [process.execPath, fileURLToPath(new URL(script, import.meta.url))]
}
