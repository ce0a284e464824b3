import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { SourceFile } from './syntax.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Every TypeScript file below src/. */
export function readSources(): SourceFile[] {
  return globSync('src/**/*.{ts,mts,cts,tsx}', { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(`${root}/${path}`, 'utf8') }))
}
