import { expect, it } from 'vitest'
import { pageCode } from '../page-code.ts'

const { printed } = pageCode('options.md')

it('docs/options.md shows code that runs', () => {
  expect(printed()).toEqual(['synced false 0\n', 'true 1\n'])
})
