import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TestRunner } from 'vitest'

declare module 'vitest' {
  interface TaskMeta {
    /** The code of fenced blocks that this test has executed. */
    ranBlocks?: string[]
  }
}

/** A fenced block of the readme or of a page of docs. */
export interface DocBlock {
  readonly page: string
  /** Of its opening fence, from 1. */
  readonly line: number
  readonly language: string
  readonly code: string
  /** Why nothing executes it: `<!-- not run: … -->` on the line before it. */
  readonly reason: string | undefined
}

/** Tells the reporter that the running test has executed these blocks, or held what they say against the code. */
export function ranBlocks(...codes: readonly string[]): void {
  const test = TestRunner.getCurrentTest()
  if (test === undefined) throw new Error('blocks are executed in tests')
  test.meta.ranBlocks = [...(test.meta.ranBlocks ?? []), ...codes]
}

/** All of them, page by page. */
export function docBlocks(root: string = join(import.meta.dirname, '..')): readonly DocBlock[] {
  const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: root }).toSorted()]
  return pages.flatMap((page) => blocksIn(page, readFileSync(join(root, page), 'utf8')))
}

/** What comes of a whole run: the blocks that count as executed, and what is wrong. */
export function judge(blocks: readonly DocBlock[], ran: ReadonlySet<string>) {
  const problems = blocks.flatMap(({ page, line, language, code, reason }) => {
    const place = `${page}:${line}: the ${language || 'plain'} block`
    if (!ran.has(code) && reason === undefined)
      return [`${place} is executed by no test, and no <!-- not run: … --> before it says why`]
    if (ran.has(code) && reason !== undefined)
      return [`${place} is executed, and says that it is not`]
    return []
  })
  const executed = blocks.filter(({ code }) => ran.has(code))
  return { executed, marked: blocks.filter(({ reason }) => reason !== undefined), problems }
}

export function blocksIn(page: string, text: string): readonly DocBlock[] {
  return [...text.matchAll(fenced)].map((found) => {
    const [, reason, language = '', code = ''] = found
    const before = text.slice(0, found.index + found[0].indexOf('```'))
    return { page, line: before.split('\n').length, language, code, reason: reason?.trim() }
  })
}

/** With the mark before it, if it has one. */
const fenced = /^(?:<!-- not run: (.+?) -->\n\n?)?```(\w*)\n([\s\S]*?)^```/gm
