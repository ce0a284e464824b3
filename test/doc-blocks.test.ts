import { describe, expect, it } from 'vitest'
import { blocksIn, docBlocks, judge } from './doc-blocks.ts'

const page = `# Page

\`\`\`ts
run()
\`\`\`

<!-- not run: it only shows a form -->
\`\`\`text
form
\`\`\`
`

describe('the fenced blocks of a page', () => {
  it('are found with their line, their language and why they are not run', () => {
    expect(blocksIn('page.md', page)).toEqual([
      { page: 'page.md', line: 3, language: 'ts', code: 'run()\n', reason: undefined },
      {
        page: 'page.md',
        line: 8,
        language: 'text',
        code: 'form\n',
        reason: 'it only shows a form',
      },
    ])
  })

  it('must be executed by a test or say why not, and not both', () => {
    const blocks = blocksIn('page.md', page)
    expect(judge(blocks, new Set(['run()\n']))).toMatchObject({
      executed: [{ line: 3 }],
      marked: [{ line: 8 }],
      problems: [],
    })
    expect(judge(blocks, new Set()).problems).toEqual([
      'page.md:3: the ts block is executed by no test, and no <!-- not run: … --> before it says why',
    ])
    expect(judge(blocks, new Set(['run()\n', 'form\n'])).problems).toEqual([
      'page.md:8: the text block is executed, and says that it is not',
    ])
  })

  it('are all found: each opening fence of the docs begins one', () => {
    const blocks = docBlocks()
    expect(blocks.length).toBeGreaterThan(80)
    expect(new Set(blocks.map((block) => block.page)).size).toBeGreaterThan(8)
    for (const { code } of blocks) expect(code).not.toContain('```')
  })
})
