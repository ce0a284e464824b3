import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Installed {
  /** A project of a user, with the package in its `node_modules`. */
  readonly project: string
  dispose(): void
}

/** Builds the package as it is published and puts it into an empty project, as npm would. */
export function installPackage(): Installed {
  const project = mkdtempSync(join(tmpdir(), 'rejoin-package-'))
  const target = join(project, 'node_modules', 'rejoin')
  mkdirSync(target, { recursive: true })
  run('tsc', ['--project', 'tsconfig.build.json', '--outDir', join(target, 'dist')])
  const { files, dependencies } = manifest()
  for (const file of ['package.json', ...files.filter((name) => name !== 'dist')])
    cpSync(join(root, file), join(target, file), { recursive: true })
  for (const name of [...Object.keys(dependencies), '@types/node'])
    link(join(root, 'node_modules', name), join(project, 'node_modules', name))
  return { project, dispose: () => rmSync(project, { recursive: true, force: true }) }
}

export function manifest(): Manifest {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
}

interface Manifest {
  readonly version: string
  readonly files: readonly string[]
  readonly exports: Readonly<Record<string, unknown>>
  readonly dependencies: Readonly<Record<string, string>>
}

function link(from: string, to: string): void {
  mkdirSync(join(to, '..'), { recursive: true })
  symlinkSync(from, to)
}

function run(command: string, args: readonly string[]): void {
  execFileSync(join(root, 'node_modules', '.bin', command), args, { cwd: root, stdio: 'pipe' })
}
