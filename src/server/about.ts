import { readFileSync } from 'node:fs'

/** This package's name and version. */
export function aboutRejoin(): { readonly name: string; readonly version: string } {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { name, version } = JSON.parse(manifest) as { name: string; version: string }
  return { name, version }
}
