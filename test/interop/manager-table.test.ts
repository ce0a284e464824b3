import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { type Play, plays } from './managers.ts'

it('interop/README.md shows how each play with SyncManagers ends', () => {
  const page = readFileSync(new URL('../../interop/README.md', import.meta.url), 'utf8')
  const rows = page.split('\n').filter((line) => line.startsWith('| '))
  expect(rows.slice(1)).toEqual(plays.map(rowOf))
})

function rowOf({ what, whenEmpty, verdict, ends }: Play): string {
  const logs = Object.entries(ends).map(([who, ids]) => `${who}: ${ids || 'nothing'}`)
  return `| ${what} | \`"${whenEmpty}"\` | ${verdict} | ${logs.join('; ')} |`
}
