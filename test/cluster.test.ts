import { expect, it } from 'vitest'
import { ranBlocks } from './doc-blocks.ts'
import { pageCode } from './page-code.ts'

const { blocks, printed } = pageCode('cluster.md')

it('docs/cluster.md shows code that runs, and what it prints', () => {
  const shown = blocks.filter(({ language }) => language === 'text').map(({ code }) => code)
  expect(shown).toHaveLength(5)
  expect(printed()).toEqual(shown)
  ranBlocks(...shown)
})
