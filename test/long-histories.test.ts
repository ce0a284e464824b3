import { expect, it } from 'vitest'
import { pageCode } from './page-code.ts'

const { languages, printed } = pageCode('long-histories.md')

it('docs/long-histories.md shows code that runs, all of it', () => {
  expect(languages).toEqual(['ts', 'ts', 'ts', 'ts'])
  expect(printed()).toEqual([
    '1 milk, bread\n3 tea\n',
    'rejoin.snapshot 500\nPaid 50\nin all 550\n',
    '2 compacted; unsent keeps 1\n2 more, now that the hub has them\n2 on the hub, for now\n' +
      'rejoin.snapshot { cents: 550 }\n',
    "{ name: 'Bob' }\n1 erased in the office; on the laptop 1 of 2\n",
  ])
})
