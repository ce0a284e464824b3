// Runs one of the examples against the package as it would be published.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const examples = readdirSync(join(root, 'examples')).filter((name) => existsSync(mainOf(name)))
const name = process.argv[2]

const usage = `npm run example -- NAME, with one of:\n  ${examples.join('\n  ')}`

if (name === undefined || name === '--help') console.log(usage)
else if (!examples.includes(name)) {
  console.error(`There is no example "${name}". ${usage}`)
  process.exitCode = 1
} else if (run(join(root, 'scripts', 'build.ts'))) run(mainOf(name))

function mainOf(example: string): string {
  return join(root, 'examples', example, 'main.ts')
}

function run(file: string): boolean {
  const { status } = spawnSync(process.execPath, [file], { cwd: root, stdio: 'inherit' })
  process.exitCode = status ?? 1
  return status === 0
}
