import { Interruption } from './interruption.ts'
import { run } from './run.ts'
import { Output } from './terminal/output.ts'

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    const reason = new Interruption(signal)
    // Whoever asks twice doesn't want to wait for what is under way.
    if (interrupted.signal.aborted) process.exit(reason.exitCode)
    interrupted.abort(reason)
  })
}

const { stdin, env } = process
const out = new Output(process.stdout, env)
const err = new Output(process.stderr, env)
const code = await run(process.argv.slice(2), { stdin, out, err, env, signal: interrupted.signal })
// What is still under way (an idle connection, a terminal on stdin) must not keep the command waiting.
await Promise.allSettled([out.write(''), err.write('')])
process.exit(code)
