import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { ranBlocks } from '../doc-blocks.ts'
import { pageCode } from '../page-code.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { page, folder, blocks, languages, printed } = pageCode('conflicts.md')

const merged = '{"name":"Ann","city":"Rome"} {"name":"Anna","city":"Oslo"}\n'

it('docs/conflicts.md shows code that runs, all of it', { timeout: 60_000 }, () => {
  expect(languages).toEqual(['ts', 'ts', 'ts', 'ts', 'yaml', 'ts', 'ts'])
  // The block after it reads it.
  const file = blocks.find(({ language }) => language === 'yaml')
  writeFileSync(join(folder, 'rules.yaml'), file?.code as string)
  expect(printed()).toEqual([
    merged + merged,
    expect.stringMatching(
      /^\[ 300 ]\nbids highest-bid {"kind":"keep","winners":\[\d],"reasons":\["the bids are (300, 250|250, 300)"]} 1\n$/,
    ),
    'the rule "rest.never" is never asked: "rest.devices" before it takes all it could\n43 [ 2, 3 ]\n',
    'TitleSet keep titles 1 true\nPriceSet review prices 0 true\nTitleSet false\nPriceSet false\n',
    expect.stringMatching(/^[\w-]{43} [\w-]{43} \[]\ntrue\n$/),
    'true\nfalse\n1\n',
  ])
  ranBlocks(file?.code as string)
  // What the text says the first one prints.
  expect(page).toContain(`Both print \`${merged.trim()}\``)
})

it('docs/conflicts.md names every resolver and condition there is', () => {
  const source = (file: string) => readFileSync(join(root, 'src/conflict/rules', file), 'utf8')
  const resolvers = [
    ...source('choose-resolver.ts').matchAll(/^ {2}'?([\w-]+)'?: (?:plain\(|\()/gm),
  ]
  const conditions = [...source('when.ts').matchAll(/^ {2}readonly (\w+)\?:/gm)]
  expect(resolvers).toHaveLength(5)
  expect(conditions).toHaveLength(10)
  for (const [, name] of [...resolvers, ...conditions])
    expect(page).toMatch(new RegExp(`^\\|[^|]*\`${name}\``, 'm'))
})
