// Writes the page of the state server, src/state/server/ui/built-page.ts, from its sources in page/ beside it.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const folder = new URL('../src/state/server/ui/', import.meta.url)

if (import.meta.main) writeFileSync(new URL('built-page.ts', folder), await builtPage())

/** What built-page.ts has to be: the page in one text, and the hashes of what in it may run. */
export async function builtPage(): Promise<string> {
  const script = await bundled('page/main.ts')
  const style = textOf('page/page.css')
  const html = textOf('page/page.html')
    .replace('<style></style>', () => `<style>${style}</style>`)
    .replace('<script type="module"></script>', () => `<script type="module">${script}</script>`)
  const lines = html.split('\n').map((line) => `  ${JSON.stringify(line)},`)
  return `// Made by scripts/build-page.ts; what it is made of lies in page/.

/** The page that shows a state server, in one text. */
export const page = [
${lines.join('\n')}
].join('\\n')

export const scriptHash = '${hashOf(script)}'
export const styleHash = '${hashOf(style)}'
`
}

async function bundled(file: string): Promise<string> {
  const build = await rolldown({
    input: pathOf(file),
    platform: 'browser',
    onLog: (_, log) => {
      throw new Error(log.message)
    },
  })
  const { output } = await build.generate({ format: 'es', comments: false })
  await build.close()
  return output[0].code
}

function textOf(file: string): string {
  return readFileSync(pathOf(file), 'utf8')
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, folder))
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
