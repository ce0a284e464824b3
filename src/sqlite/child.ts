import { spawn } from 'node:child_process'
import { refusal } from './refusal.ts'
import { type Answer, type Results, serveOneTask, type Task, taskModule } from './task.ts'
import { revive } from './thrown.ts'

/**
 * Runs a task in a child process and gives its result; the child is killed when the signal aborts.
 * Rejects with what was thrown there, or the signal's reason.
 */
export async function runInChild<Kind extends Task['kind']>(
  task: Task & { readonly kind: Kind },
  signal?: AbortSignal,
): Promise<Results[Kind]> {
  signal?.throwIfAborted()
  const { output, errors, end } = await talk(JSON.stringify(task), signal).catch((cause) => {
    throw refusal('storage_io', task.path, 'the helper process could not be started', { cause })
  })
  signal?.throwIfAborted()
  const answer = parse(output)
  if (!answer) {
    const message = `the helper process ended with ${end} and no answer. ${errors.trim()}`
    throw refusal('storage_io', task.path, message)
  }
  if ('failure' in answer) throw revive(answer.failure)
  return answer.result as Results[Kind]
}

function talk(input: string, signal: AbortSignal | undefined) {
  return new Promise<{ output: string; errors: string; end: string }>((resolve, reject) => {
    const script = `import(process.argv[1]).then((task) => task.${serveOneTask.name}())`
    const options = ['--disable-warning=ExperimentalWarning', '--eval', script, taskModule]
    const child = spawn(process.execPath, options, { stdio: ['pipe', 'pipe', 'pipe'] })
    const kill = () => void child.kill('SIGKILL')
    signal?.addEventListener('abort', kill, { once: true })
    let output = ''
    let errors = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-2_000)
    })
    child.on('error', reject)
    child.on('close', (code, killer) => {
      signal?.removeEventListener('abort', kill)
      resolve({ output, errors, end: String(code ?? killer) })
    })
    // A child that died before it read is told by its end.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

function parse(output: string): Answer | undefined {
  try {
    return JSON.parse(output) as Answer
  } catch {
    return undefined
  }
}
