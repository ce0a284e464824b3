import { readFileSync } from 'node:fs'

/** The package's version; `src/` and `dist/` stand equally deep beside package.json. */
export function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
