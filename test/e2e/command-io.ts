import { Readable, Writable } from 'node:stream'
import type { CommandIo } from '../../src/cli/command-io.ts'
import { run } from '../../src/cli/run.ts'
import { Output } from '../../src/cli/terminal/output.ts'

export interface RunOptions {
  readonly stdin?: string | Readable
  readonly env?: CommandIo['env']
  readonly signal?: AbortSignal
  /** A terminal of this many columns in place of pipes. */
  readonly terminal?: number
}

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command line in this process. */
export async function runHere(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { stdin = '', env = {}, signal = new AbortController().signal, terminal } = options
  const stdout = new Captured(terminal)
  const stderr = new Captured(terminal)
  const code = await run(args, {
    stdin: typeof stdin === 'string' ? Readable.from([Buffer.from(stdin)]) : stdin,
    out: new Output(stdout, env),
    err: new Output(stderr, env),
    env,
    signal,
  })
  return { code, stdout: stdout.text, stderr: stderr.text }
}

/** A stream that keeps what is written to it. */
export class Captured extends Writable {
  text = ''
  readonly isTTY: boolean
  readonly columns: number
  /** Called with each write. */
  onText: (text: string) => void = () => {}

  constructor(terminal?: number) {
    super()
    this.isTTY = terminal !== undefined
    this.columns = terminal ?? 0
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += String(chunk)
    this.onText(this.text)
    done()
  }
}
