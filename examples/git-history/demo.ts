import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Programs } from './programs.ts'
import { playScenario } from './scenario.ts'
import { Story } from './story.ts'

const help = `Usage: npm run demo -- [--repo PATH] [--events N] [--requests N] [--keep]

Turns a git repository's history into events on a laptop, writes review notes on a phone, and syncs both
through a hub that is killed with kill -9 on the way. Both must end identical.

  --repo PATH   the repository (any, also a shallow clone); default: one that is generated
  --events N    at least this many events (default 5000); a smaller repository is replaced by a generated one
  --requests N  at least this many acknowledged pushes (default 20)
  --keep        keep the logs, and say where they are
  --help        this help`

process.exitCode = await main()

async function main(): Promise<number> {
  const options = optionsFrom(process.argv.slice(2))
  if (typeof options === 'string') {
    console.error(`demo: ${options}`)
    return 2
  }
  if (options.help) {
    console.log(help)
    return 0
  }
  return play(options)
}

function optionsFrom(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        repo: { type: 'string' },
        events: { type: 'string', default: '5000' },
        requests: { type: 'string', default: '20' },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    const [events, requests] = [Number(values.events), Number(values.requests)]
    if (
      !(
        Number.isInteger(events) &&
        Number.isInteger(requests) &&
        requests >= 2 &&
        events >= requests * 10
      )
    )
      return '--requests must be at least 2, and --events ten times as many'
    return { ...values, events, requests }
  } catch (error) {
    return (error as Error).message
  }
}

async function play(options: Exclude<ReturnType<typeof optionsFrom>, string>): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-demo-'))
  const programs = new Programs()
  const story = new Story()
  const tidy = () => {
    programs.end()
    if (!options.keep) rmSync(folder, { recursive: true, force: true })
  }
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)
    process.once(signal, () => {
      tidy()
      process.exit(code)
    })
  try {
    const began = performance.now()
    story.title('A git history, synced through a hub that dies on the way')
    const { repo: repository, events, requests } = options
    await playScenario({ folder, repository, events, requests }, programs, story)
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    console.log(
      story.failed === 0
        ? `\nAll is well, after ${seconds} s.`
        : `\n${story.failed} checks failed.`,
    )
    if (options.keep) console.log(`The logs are in ${folder}`)
    return story.failed === 0 ? 0 : 1
  } catch (error) {
    console.error(`\ndemo: ${(error as Error).message}`)
    return 1
  } finally {
    tidy()
  }
}
