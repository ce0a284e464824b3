// Compares package.json `exports` with the rooms in src/ and the files in dist/, and imports each
// one. `--write` corrects package.json instead. Expects a fresh `npm run build`.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { Target } from '../architecture/exports.ts'
import { expectedExports } from '../architecture/exports.ts'
import { readSources } from '../architecture/sources.ts'

const root = new URL('..', import.meta.url)
const manifestFile = new URL('package.json', root)
const manifest: { exports: Record<string, Target | string> } = JSON.parse(
  readFileSync(manifestFile, 'utf8'),
)
const expected = expectedExports(readSources().map(({ path }) => path))

if (process.argv.includes('--write')) {
  writeFileSync(manifestFile, `${JSON.stringify({ ...manifest, exports: expected }, null, 2)}\n`)
} else {
  const problems = [...differences(), ...(await brokenTargets())]
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) process.exitCode = 1
}

function differences(): string[] {
  const subpaths = new Set([...Object.keys(expected), ...Object.keys(manifest.exports)])
  return [...subpaths]
    .filter((subpath) => !isDeepStrictEqual(manifest.exports[subpath], expected[subpath]))
    .map((subpath) =>
      subpath in expected
        ? `package.json exports lack "${subpath}", or it points elsewhere (node scripts/check-exports.ts --write)`
        : `package.json exports "${subpath}", which no room stands for (node scripts/check-exports.ts --write)`,
    )
}

async function brokenTargets(): Promise<string[]> {
  const problems: string[] = []
  for (const [subpath, target] of Object.entries(manifest.exports)) {
    if (typeof target === 'string') continue
    for (const file of [target.types, target.default])
      if (!existsSync(new URL(file, root))) problems.push(`"${subpath}": ${file} was not built`)
    await import(new URL(target.default, root).href).catch((error: unknown) => {
      problems.push(`"${subpath}" does not load: ${error}`)
    })
  }
  return problems
}
