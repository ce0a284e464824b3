import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Makes a bare repository with at least this many changes: files come, change, move and go. */
export async function generateRepository(path: string, changes: number): Promise<void> {
  await git(['init', '--quiet', '--bare', path])
  await git(['-C', path, 'fast-import', '--quiet'], [...importStream(changes)].join(''))
  await git(['-C', path, 'symbolic-ref', 'HEAD', 'refs/heads/main'])
}

/** What `git fast-import` reads. The same number of changes gives the same repository. */
function* importStream(changes: number): Generator<string, void> {
  const random = pseudoRandom()
  const files: string[] = []
  let written = 0
  for (let number = 1; written < changes; number++) {
    const subject = `${verbs[random(verbs.length)]} ${areas[random(areas.length)]} (${number})`
    const author = authors[random(authors.length)] as string
    yield `commit refs/heads/main\nauthor ${author} ${1_700_000_000 + number * 600} +0100\n`
    yield `committer ${author} ${1_700_000_000 + number * 600} +0100\ndata ${subject.length}\n${subject}\n`
    const touched = new Set<string>()
    for (let left = 1 + random(8); left > 0; left--) {
      const line = fileChange(files, touched, `${number}.${left}`, random)
      if (line === '') continue
      written++
      yield line
    }
  }
}

function fileChange(
  files: string[],
  touched: Set<string>,
  label: string,
  random: (below: number) => number,
): string {
  const content = `content ${label}\n`
  const write = (path: string) => `M 100644 inline ${path}\ndata ${content.length}\n${content}\n`
  const choice = files.length < 20 ? 0 : random(20)
  const at = random(files.length || 1)
  const old = files[at]
  const fresh = `${areas[random(areas.length)]}/file-${label}.ts`
  if (choice < 4 || old === undefined) {
    files.push(fresh)
    touched.add(fresh)
    return write(fresh)
  }
  if (touched.has(old)) return ''
  touched.add(old)
  if (choice > 4) return write(old)
  touched.add(fresh)
  if (random(2) === 0) {
    files.splice(at, 1)
    return `D ${old}\n`
  }
  files[at] = fresh
  return `R ${old} ${fresh}\n`
}

/** A linear congruential generator: enough for a repository, and the same everywhere. */
function pseudoRandom(): (below: number) => number {
  let state = 1
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

async function git(args: readonly string[], input = ''): Promise<void> {
  const child = spawn('git', args, { stdio: ['pipe', 'ignore', 'inherit'] })
  // Git may end without reading; its exit code tells whether that was right.
  child.stdin.on('error', () => {}).end(input)
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`git ${args[0]} failed with exit code ${code}`)
}

const verbs = ['Fix', 'Improve', 'Move', 'Test', 'Explain', 'Simplify']
const areas = ['store', 'link', 'event', 'clock', 'docs', 'server']
const authors = ['Ada <ada@example.org>', 'Grace <grace@example.org>', 'Zoë <zoe@example.org>']
