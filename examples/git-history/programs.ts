import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Hub {
  readonly url: URL
  readonly pid: number
  /** `kill -9`; resolves when it is dead. */
  kill(): Promise<void>
}

/** Runs the `rejoin` command in processes of its own, and ends those that are left. */
export class Programs {
  readonly #running = new Set<ChildProcess>()

  /** Runs a command to its end, with a file as its standard input. */
  async rejoin(args: readonly string[], input?: string): Promise<Outcome> {
    const child = this.#start(args, 'pipe')
    if (input === undefined) child.stdin?.end()
    else createReadStream(input).pipe(child.stdin as NodeJS.WritableStream)
    // A command that refuses early doesn't read all its input.
    child.stdin?.on('error', () => {})
    const texts = [textOf(child.stdout), textOf(child.stderr)]
    const [code] = (await once(child, 'close')) as [number | null]
    const [stdout = '', stderr = ''] = await Promise.all(texts)
    return { code, stdout, stderr }
  }

  async *lines(args: readonly string[]): AsyncGenerator<string, void> {
    const child = this.#start(args, 'inherit')
    child.stdin?.end()
    const closed = once(child, 'close')
    yield* createInterface({ input: child.stdout as NodeJS.ReadableStream })
    const [code] = await closed
    if (code !== 0) throw new Error(`rejoin ${args[0]} failed with exit code ${code}`)
  }

  /** Starts a hub; resolves when it listens. */
  async hub(data: string): Promise<Hub> {
    const args = ['serve', '--port', '0', '--data', data, '--node-id', 'hub', '--log-level', 'warn']
    const child = this.#start(args, 'inherit')
    const closed = once(child, 'close')
    child.stdin?.end()
    const url = await Promise.race([
      listening(child),
      closed.then(([code]) => Promise.reject(new Error(`the hub ended with exit code ${code}`))),
    ])
    const kill = async () => {
      child.kill('SIGKILL')
      await closed
    }
    return { url: new URL(url), pid: child.pid ?? 0, kill }
  }

  end(): void {
    for (const child of this.#running) child.kill('SIGKILL')
  }

  #start(args: readonly string[], stderr: 'inherit' | 'pipe'): ChildProcess {
    const child = spawn(process.execPath, [command, ...args], { stdio: ['pipe', 'pipe', stderr] })
    this.#running.add(child)
    child.on('close', () => this.#running.delete(child))
    return child
  }
}

async function listening(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const found = /^listening on (\S+)$/.exec(line)
    if (found) return found[1] as string
  }
  return new Promise(() => {}) // it has ended, which is told elsewhere
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = ''
  for await (const chunk of stream ?? []) text += chunk
  return text
}

const command = fileURLToPath(new URL('../../bin/rejoin.mjs', import.meta.url))
