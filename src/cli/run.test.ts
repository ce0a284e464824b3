import { describe, expect, it } from 'vitest'
import { runHere } from '../../test/e2e/command-io.ts'
import { commandNamed, commandNames as names } from './commands.ts'
import { summaries } from './summaries.ts'

describe('help', () => {
  it.each(names)('knows %s by its own name', async (name) => {
    expect((await commandNamed(name))?.name).toBe(name)
  })

  it('names every command', async () => {
    for (const args of [['--help'], ['-h'], ['help']]) {
      const { code, stdout, stderr } = await runHere(args)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      const width = Math.max(...names.map((name) => name.length))
      for (const [name, summary] of Object.entries(summaries))
        expect(stdout).toMatch(`  ${name.padEnd(width)}  ${summary}`)
    }
  })

  it.each(names)('of %s names every option of it', async (name) => {
    const { code, stdout } = await runHere([...name.split(' '), '--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(`Usage: rejoin ${name}`)
    const { options = {} } = (await commandNamed(name)) ?? {}
    for (const option of Object.keys(options)) expect(stdout).toMatch(`--${option}`)
    expect((await runHere(['help', ...name.split(' ')])).stdout).toBe(stdout)
    expect((await runHere([...name.split(' '), '-h', '--whatever'])).stdout).toBe(stdout)
  })

  it('of the first word of two tells what can follow', async () => {
    const { code, stdout } = await runHere(['cluster', '--help'])
    expect(code).toBe(0)
    for (const name of names.filter((one) => one.startsWith('cluster ')))
      expect(stdout).toMatch(new RegExp(`rejoin ${name} URL[\\s\\S]*  ${name} +${summaries[name]}`))
    for (const args of [
      ['help', 'cluster'],
      ['cluster', '-h'],
    ])
      expect((await runHere(args)).stdout).toBe(stdout)
  })

  it('fits a terminal of 110 columns', async () => {
    for (const args of [['--help'], ...names.map((name) => [...name.split(' '), '--help'])])
      for (const line of (await runHere(args)).stdout
        .split('\n')
        .filter((one) => !one.startsWith('  $')))
        expect(line.length).toBeLessThanOrEqual(110)
  })

  it('comes on standard error, with exit code 2, when nothing is asked for', async () => {
    const { code, stdout, stderr } = await runHere([])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch('Usage: rejoin COMMAND')
  })
})

it('--version prints the version of the package', async () => {
  const { version } = (await import('../../package.json', { with: { type: 'json' } })).default
  for (const flag of ['--version', '-v'])
    expect(await runHere([flag])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

it.each([
  [['serv'], 'rejoin: unknown command "serv"; did you mean "serve"? (see rejoin --help)\n'],
  [['help', 'lgo'], 'rejoin: unknown command "lgo"; did you mean "log"? (see rejoin --help)\n'],
  [['cluster'], 'rejoin cluster: say what: status or promote (see rejoin cluster --help)\n'],
  [
    ['cluster', 'stauts', 'x'],
    'rejoin: unknown command "cluster stauts"; did you mean "cluster status"? (see rejoin --help)\n',
  ],
  [['clutser'], 'rejoin: unknown command "clutser"; did you mean "cluster"? (see rejoin --help)\n'],
  [
    ['cluster', 'status'],
    'rejoin cluster status: URL is missing (see rejoin cluster status --help)\n',
  ],
  [
    ['--verison'],
    'rejoin: unknown option --verison; did you mean "--version"?; the command comes first (see rejoin --help)\n',
  ],
  [['log'], 'rejoin log: give --store FILE or --remote URL, one of them (see rejoin log --help)\n'],
  [
    ['serve', '--prot', '1'],
    'rejoin serve: unknown option --prot; did you mean "--port"? (see rejoin serve --help)\n',
  ],
  [
    ['sync', '--store', 'x', '--remote', 'http://x', '--push-only', '--pull-only'],
    'rejoin sync: --push-only and --pull-only exclude each other (see rejoin sync --help)\n',
  ],
  [
    ['sync', '--store', 'x', '--remote', 'http://x', '--watch', '--timeout', '5'],
    'rejoin sync: --timeout is for a sync without --watch (see rejoin sync --help)\n',
  ],
  [
    ['sync', '--store', 'x', '--remote', 'http://x', '--interval', '5'],
    'rejoin sync: --interval goes with --watch (see rejoin sync --help)\n',
  ],
  [
    ['sync', '--store', 'x', '--remote', 'http://x', '--live', 'poll'],
    'rejoin sync: --live goes with --watch (see rejoin sync --help)\n',
  ],
])('misuse is one line and exit code 2: %j', async (args, stderr) => {
  expect(await runHere(args)).toEqual({ code: 2, stdout: '', stderr })
})

it('shows where a failure comes from when REJOIN_DEBUG asks for it', async () => {
  const { stderr } = await runHere(['log', '--store', 'gone.db'], { env: { REJOIN_DEBUG: '1' } })
  expect(stderr).toMatch(/at .*open-store\.ts/)
})

it('is colourful on a terminal, unless NO_COLOR is set or the terminal is dumb', async () => {
  const colour = '\x1b['
  const onTerminal = (env: Record<string, string>) => runHere(['--help'], { terminal: 80, env })
  expect((await onTerminal({})).stdout).toContain(colour)
  expect((await onTerminal({ NO_COLOR: '' })).stdout).toContain(colour)
  expect((await onTerminal({ NO_COLOR: '1' })).stdout).not.toContain(colour)
  expect((await onTerminal({ TERM: 'dumb' })).stdout).not.toContain(colour)
  expect((await runHere(['--help'])).stdout).not.toContain(colour)
})
