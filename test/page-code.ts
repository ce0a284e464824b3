import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { blocksIn, ranBlocks } from './doc-blocks.ts'

const root = join(import.meta.dirname, '..')

/** The fenced blocks of a page of docs, and a way to run them on the sources. */
export function pageCode(name: string) {
  const page = readFileSync(join(root, 'docs', name), 'utf8')
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-page-'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  afterAll(() => rmSync(folder, { recursive: true }))

  const blocks = blocksIn(`docs/${name}`, page)
  return {
    page,
    /** Where they run: for a file that one of them reads. */
    folder,
    blocks,
    languages: blocks.map(({ language }) => language),
    /** What each TypeScript block prints; none may complain. */
    printed: () =>
      blocks
        .filter(({ language }) => language === 'ts')
        .map(({ code }, at) => printedBy(folder, `${at}.ts`, code)),
  }
}

function printedBy(folder: string, name: string, code: string): string {
  const onSources = code.replace(
    /from 'rejoin(\/[^']+)?'/g,
    (_, room = '/sync') => `from '${join(root, 'src')}${room}/index.ts'`,
  )
  writeFileSync(join(folder, name), onSources)
  const { stdout, stderr } = spawnSync(process.execPath, [name], { cwd: folder, encoding: 'utf8' })
  expect(stderr).toBe('')
  ranBlocks(code)
  return stdout
}
