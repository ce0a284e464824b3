import { expect, it } from 'vitest'
import { pageCode } from './page-code.ts'

const { languages, printed } = pageCode('simulate.md')

it('docs/simulate.md shows code that runs, all of it', () => {
  expect(languages).toEqual(['ts', 'ts'])
  expect(printed()).toEqual([
    '10 worlds hold\n',
    // Which node it is, is drawn from the seed: another one whenever worlds learn something new.
    expect.stringMatching(/^application [a-e]: the account is overdrawn by so much\ntrue true\n$/),
  ])
}, 120_000)
