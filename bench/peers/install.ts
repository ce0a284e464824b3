import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'

/**
 * Installs what is compared with ours, once. Not with the rest of what we develop with: that would cost
 * everybody some 400 packages and, where no prebuilt binary of sqlite3 can be had, a minute of compiling.
 */
export function installPeers(): void {
  if (isInstalled()) return
  console.error('installing the peers into bench/peers')
  const cwd = fileURLToPath(folder)
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd, stdio: ['ignore', 2, 2] })
}

function isInstalled(): boolean {
  const [wanted, found] = ['package-lock.json', 'node_modules/.package-lock.json'].map(packagesIn)
  return found !== undefined && isDeepStrictEqual(versions(wanted), versions(found))
}

type Packages = Readonly<Record<string, { readonly version?: string; readonly optional?: boolean }>>

function versions(packages: Packages = {}) {
  return Object.entries(packages)
    .filter(([path, { optional }]) => path !== '' && !optional)
    .map(([path, { version }]) => `${path} ${version}`)
}

function packagesIn(file: string): Packages | undefined {
  try {
    return JSON.parse(readFileSync(new URL(file, folder), 'utf8')).packages
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const folder = new URL('./', import.meta.url)
