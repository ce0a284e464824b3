import { expect, it } from 'vitest'
import { ranBlocks } from './doc-blocks.ts'
import { pageCode } from './page-code.ts'

const { blocks, languages, printed } = pageCode('state-server.md')

it('docs/state-server.md shows code that runs, and what it prints', () => {
  expect(languages).toEqual(['ts', 'text', 'ts', 'text', 'ts', 'text'])
  const shown = blocks.filter(({ language }) => language === 'text').map(({ code }) => code)
  expect(printed()).toEqual(shown)
  ranBlocks(...shown)
})
