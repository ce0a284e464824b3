import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject, vi } from 'vitest'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Installed {
  /** A project of a user, with the package in its `node_modules`. */
  readonly project: string
  dispose(): void
}

/** The package as it is published, in an empty project; a run of the tests builds it once. */
export async function installPackage(): Promise<Installed> {
  const built = await builtPackage()
  const project = mkdtempSync(join(tmpdir(), 'rejoin-package-'))
  // Each has a copy, so that what it imports is looked for in its own project.
  cpSync(built, join(project, 'node_modules', 'rejoin'), { recursive: true })
  for (const name of [...Object.keys(manifest().dependencies), '@types/node'])
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

/** The first file of a run that needs it builds it, which takes seconds; the others wait. */
async function builtPackage(): Promise<string> {
  const folder = inject('packageFolder')
  const [built, failed] = [join(folder, 'built'), join(folder, 'failed')]
  if (isFirst(join(folder, 'taken')))
    try {
      const making = join(folder, 'making')
      build(making)
      renameSync(making, built)
    } catch (error) {
      writeFileSync(failed, String(error))
      throw error
    }
  await vi.waitUntil(() => existsSync(built) || existsSync(failed), { timeout: 120_000 })
  if (existsSync(failed)) throw new Error(readFileSync(failed, 'utf8'))
  return built
}

/** Whether nobody was here before: one of those who ask at the same time makes the folder. */
function isFirst(mark: string): boolean {
  try {
    mkdirSync(mark)
    return true
  } catch {
    return false
  }
}

function build(target: string): void {
  run('tsc', ['--project', 'tsconfig.build.json', '--outDir', join(target, 'dist')])
  for (const file of ['package.json', ...manifest().files.filter((name) => name !== 'dist')])
    cpSync(join(root, file), join(target, file), { recursive: true })
}

function link(from: string, to: string): void {
  mkdirSync(join(to, '..'), { recursive: true })
  symlinkSync(from, to)
}

function run(command: string, args: readonly string[]): void {
  execFileSync(join(root, 'node_modules', '.bin', command), args, { cwd: root, stdio: 'pipe' })
}
