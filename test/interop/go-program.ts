import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll } from 'vitest'

/** What `go version` says; undefined where Go is not installed. */
export const goVersion = versionOfGo()

export const goFolder = fileURLToPath(new URL('../../interop/go', import.meta.url))

export const run = promisify(execFile)

/** Builds interop/go for the tests of a file, and returns where the program is, once they run. */
export function useGoProgram(): () => string {
  let folder: string | undefined
  beforeAll(async () => {
    if (goVersion === undefined) return
    folder = mkdtempSync(join(tmpdir(), 'rejoin-interop-'))
    await run('go', ['build', '-ldflags', '-s -w', '-o', join(folder, 'interop'), '.'], {
      cwd: goFolder,
    })
    // The first time, Go compiles its own library as well.
  }, 240_000)
  afterAll(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  })
  return () => join(folder as string, 'interop')
}

function versionOfGo(): string | undefined {
  try {
    return execFileSync('go', ['version'], { encoding: 'utf8' }).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
