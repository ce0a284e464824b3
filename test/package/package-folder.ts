import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a run of the tests builds the package, if any of them needs it. */
    packageFolder: string
  }
}

/** Makes the folder before the run, and returns what removes it after. */
export default function packageFolder(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-built-'))
  project.provide('packageFolder', folder)
  return () => rmSync(folder, { recursive: true, force: true })
}
