// Installs the dependencies when they are missing or differ from package-lock.json, and does
// nothing otherwise. Every npm script runs it first, so that one command works on a fresh clone.
// It must run on the machine's own Node (>= 20) with an empty node_modules.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

const difference = whatDiffers()
if (difference) {
  console.error(`Installing dependencies (${difference})...`)
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const { status, error } = spawnSync(npm, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (error) console.error(`Could not run npm: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}

/** What makes the installed tree differ from the lockfile; undefined when nothing does. */
function whatDiffers() {
  const installed = readPackages('node_modules/.package-lock.json')
  if (!installed) return 'nothing is installed yet'
  const wanted = readPackages('package-lock.json')
  if (!wanted) return 'package-lock.json is not readable'
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue
    const found = installed[path]
    // Builds for other platforms are optional and stay out.
    if (!found && entry.optional) continue
    if (!found) return `${path} is missing`
    if (found.version !== entry.version || found.integrity !== entry.integrity)
      return `${path} is not at ${entry.version}`
  }
  const gone = Object.keys(installed).find((path) => !(path in wanted))
  if (gone) return `${gone} is no longer wanted`
  const binary = process.platform === 'win32' ? 'node.cmd' : 'node'
  if (!existsSync(`${root}/node_modules/.bin/${binary}`)) return 'Node 24 is missing'
  return undefined
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, integrity?: string, optional?: boolean }> | undefined}
 */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(`${root}/${file}`, 'utf8')).packages
  } catch {
    return undefined
  }
}
