// Runs one of the examples against the package as it would be published.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const examples = readdirSync(join(root, 'examples')).filter((name) => existsSync(mainOf(name)))
const name = process.argv[2]

if (name === undefined || !examples.includes(name)) {
  const problem = name === undefined || name === '--help' ? '' : `There is no example "${name}". `
  console.error(`${problem}npm run example -- NAME, with one of:\n  ${examples.join('\n  ')}`)
  process.exitCode = name === '--help' ? 0 : 1
} else if (run(join(root, 'scripts', 'build.ts'))) run(mainOf(name))

function mainOf(example: string): string {
  return join(root, 'examples', example, 'main.ts')
}

function run(file: string): boolean {
  const { status } = spawnSync(process.execPath, [file], { cwd: root, stdio: 'inherit' })
  process.exitCode = status ?? 1
  return status === 0
}
