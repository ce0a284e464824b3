import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const pages = ['*.md', 'docs/**/*.md', 'examples/*/*.md', 'bench/*.md', 'interop/*.md'].flatMap(
  (pattern) => globSync(pattern, { cwd: root }),
)

it('every link from one page to another leads to a file, and to a heading that is there', () => {
  expect(pages.length).toBeGreaterThan(50)
  const links = pages.flatMap((page) =>
    [...textOf(page).matchAll(/\]\((?!\w+:)([^)\s]+)\)/g)].map(([, to = '']) => ({ page, to })),
  )
  expect(links.length).toBeGreaterThan(150)
  expect(links.filter(({ page, to }) => !leads(page, to))).toEqual([])
})

it('a link to what is not there is noticed', () => {
  expect(leads('README.md', 'docs/state.md#paths-objects-times')).toBe(true)
  expect(leads('README.md', 'docs/nowhere.md')).toBe(false)
  expect(leads('README.md', 'docs/state.md#nothing-of-the-kind')).toBe(false)
})

function leads(page: string, to: string): boolean {
  const [path = '', heading] = to.split('#')
  const target = path === '' ? join(root, page) : join(root, dirname(page), path)
  if (!existsSync(target)) return false
  return heading === undefined || headingsOf(relative(root, target)).includes(heading)
}

/** As GitHub makes addresses of headings. */
function headingsOf(page: string): readonly string[] {
  return [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\-_ ]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function textOf(page: string): string {
  return readFileSync(join(root, page), 'utf8')
}
