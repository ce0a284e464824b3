import { expect, it } from 'vitest'
import { pageCode } from './page-code.ts'

const { languages, printed } = pageCode('read-models.md')

it('docs/read-models.md shows code that runs, all of it', () => {
  expect(languages).toEqual(['ts', 'ts', 'ts'])
  expect(printed()).toEqual([
    '{ cents: 300 }\n1 false string\n',
    '7 1\n4 of 4\nidle 0 1\n',
    'mail tea true 1\ndone\n',
  ])
})
