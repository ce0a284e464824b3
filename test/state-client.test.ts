import { expect, it } from 'vitest'
import { ranBlocks } from './doc-blocks.ts'
import { pageCode } from './page-code.ts'

const { blocks, languages, printed } = pageCode('state-client.md')

it('docs/state-client.md shows code that runs, and what it prints', () => {
  expect(languages).toEqual(['ts', 'text', 'ts', 'text'])
  const shown = blocks.filter(({ language }) => language === 'text').map(({ code }) => code)
  expect(printed()).toEqual(shown)
  ranBlocks(...shown)
})
