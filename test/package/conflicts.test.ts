import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(join(root, 'docs/conflicts.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'rejoin-conflicts-'))
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))

afterAll(() => rmSync(folder, { recursive: true }))

const blocks = [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)]
const merged = '{"name":"Ann","city":"Rome"} {"name":"Anna","city":"Oslo"}\n'

it('docs/conflicts.md shows code that runs, all of it', { timeout: 60_000 }, () => {
  const languages = blocks.map(([, language]) => language)
  expect(languages).toEqual(['ts', 'ts', 'ts', 'ts', 'yaml', 'ts', 'ts'])
  // The block after it reads it.
  const isFile = ([, language]: readonly string[]) => language === 'yaml'
  writeFileSync(join(folder, 'rules.yaml'), blocks.find(isFile)?.[2] as string)
  const programs = blocks.filter((block) => !isFile(block))
  const bids = programs.map(([, , code], at) => run(code as string, at))
  expect(bids).toEqual([
    merged + merged,
    expect.stringMatching(
      /^\[ 300 ]\nbids highest-bid {"kind":"keep","winners":\[\d],"reasons":\["the bids are (300, 250|250, 300)"]} 1\n$/,
    ),
    'the rule "rest.never" is never asked: "rest.devices" before it takes all it could\n43 [ 2, 3 ]\n',
    'TitleSet keep titles 1 true\nPriceSet review prices 0 true\nTitleSet false\nPriceSet false\n',
    '43\n',
    'true\nfalse\n1\n',
  ])
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

/** On the sources, as the package has them. */
function run(code: string, index: number): string {
  const file = join(folder, `${index}.ts`)
  const onSources = code.replace(/from 'rejoin(\/[^']+)?'/g, (_, room = '/sync') => {
    return `from '${join(root, 'src')}${room}/index.ts'`
  })
  writeFileSync(file, onSources)
  const { stdout, stderr } = spawnSync(process.execPath, [file], {
    cwd: folder,
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  return stdout
}
