import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Ran } from './command-io.ts'

export type ProcessOptions = Pick<SpawnOptions, 'cwd' | 'env'> & {
  readonly stdin?: string
  /** What Node itself is started with. */
  readonly node?: readonly string[]
  /** A command that starts it, as `nice` does. */
  readonly under?: readonly string[]
}

/** A running `rejoin` command; killed at the end of the test if it still runs. */
export interface CommandProcess {
  readonly child: ChildProcess
  readonly ended: Promise<Ran & { readonly signal: NodeJS.Signals | null }>
  /** Resolves with the first match in what it prints; rejects when it ends without. */
  printed(form: RegExp, where?: 'stdout' | 'stderr'): Promise<RegExpExecArray>
}

export function start(args: readonly string[], options: ProcessOptions = {}): CommandProcess {
  const { stdin, node = [], under = [], ...spawning } = options
  const [file, ...words] = [...under, process.execPath, ...node, command, ...args] as const
  const child = spawn(file as string, words, { ...spawning, stdio: 'pipe' })
  const texts = { stdout: '', stderr: '' }
  const waiting = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
      for (const look of waiting) look()
    })
  child.stdin.on('error', () => {}).end(stdin)
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...texts }))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const printed = (form: RegExp, where: 'stdout' | 'stderr' = 'stdout') =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = form.exec(texts[where])
        if (found === null) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
      ended.then(({ code }) => reject(new Error(`ended with ${code}: ${texts.stderr}`)))
    })
  return { child, ended, printed }
}

/** Runs a command to its end. */
export async function rejoin(args: readonly string[], options: ProcessOptions = {}) {
  return start(args, options).ended
}

/** A hub, once it listens. */
export async function startHub(args: readonly string[]) {
  const hub = start(['serve', '--port', '0', ...args])
  const [, url = ''] = await hub.printed(/^listening on (\S+)\n/)
  return { ...hub, url }
}

const command = fileURLToPath(new URL('../../bin/rejoin.mjs', import.meta.url))
