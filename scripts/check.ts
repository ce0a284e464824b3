// npm run check: every static check, one line each, with the full output of those that fail.
// Names after `--` run only these: `npm run check -- lint types`. Leaves .reports/check.json.
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'

const steps: readonly { readonly name: string; readonly commands: readonly string[] }[] = [
  { name: 'lint', commands: ['biome ci --error-on-warnings --colors=off'] },
  { name: 'types', commands: ['tsc'] },
  { name: 'floors', commands: ['vitest run --reporter=default test/architecture.test.ts'] },
  { name: 'unused', commands: ['knip --no-progress --no-config-hints'] },
  { name: 'exports', commands: ['node scripts/build.ts', 'node scripts/check-exports.ts'] },
]

const root = fileURLToPath(new URL('..', import.meta.url))
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name))
if (unknown.length > 0) {
  console.error(`No such check: ${unknown}. There are ${steps.map(({ name }) => name).join(', ')}.`)
  process.exit(1)
}

const outcomes: { name: string; passed: boolean; milliseconds: number }[] = []
for (const { name, commands } of steps) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const start = performance.now()
  const output = await firstFailure(commands)
  const passed = output === undefined
  const milliseconds = Math.round(performance.now() - start)
  outcomes.push({ name, passed, milliseconds })
  const mark = passed ? styleText('green', 'ok  ') : styleText('red', 'FAIL')
  console.log(`${mark} ${name.padEnd(8)} ${(milliseconds / 1000).toFixed(1)} s`)
  if (!passed) console.log(output)
}

mkdirSync(`${root}/.reports`, { recursive: true })
writeFileSync(`${root}/.reports/check.json`, `${JSON.stringify(outcomes, null, 2)}\n`)
if (outcomes.some(({ passed }) => !passed)) process.exitCode = 1

/** The output of the first command that fails; undefined when all pass. */
async function firstFailure(commands: readonly string[]): Promise<string | undefined> {
  for (const command of commands) {
    const { code, output } = await run(command)
    if (code !== 0) return `$ ${command}\n${output}`
  }
  return undefined
}

function run(command: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { cwd: root, shell: true, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const collect = (chunk: string) => {
      output += chunk
    }
    child.stdout.setEncoding('utf8').on('data', collect)
    child.stderr.setEncoding('utf8').on('data', collect)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}
