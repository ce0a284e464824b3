import { spawn } from 'node:child_process'

/** One file changed by one commit. */
export interface Change {
  readonly commit: string
  readonly author: string
  /** When the author wrote it, as ISO 8601 with their time zone. */
  readonly at: string
  readonly subject: string
  readonly kind: 'added' | 'modified' | 'deleted' | 'renamed'
  readonly path: string
  /** Of a renamed file: its former path. */
  readonly from?: string
  /** The file's content, by git's name for it. */
  readonly blob: string
}

/**
 * The changes of a repository, ancestors first. Reads no file contents, so that clones without blobs work;
 * in a shallow clone history begins with the oldest commits that are there. Merges count by the commits
 * they bring together.
 */
export async function* changesOf(repository: string): AsyncGenerator<Change, void> {
  const tokens = tokensOf(git(repository, logArguments))
  let commit: Commit | undefined
  for await (const token of tokens) {
    if (token === '') commit = await commitFrom(tokens)
    else if (commit !== undefined) yield await changeFrom(token, tokens, commit)
  }
}

type Commit = Pick<Change, 'commit' | 'author' | 'at' | 'subject'>
type Tokens = AsyncGenerator<string, void>

async function commitFrom(tokens: Tokens): Promise<Commit> {
  const [commit, author, at] = [await next(tokens), await next(tokens), await next(tokens)]
  return { commit, author, at, subject: await next(tokens) }
}

/** `:100644 100644 <blob> <blob> R100`, then the path, of a rename both paths. */
async function changeFrom(raw: string, tokens: Tokens, commit: Commit): Promise<Change> {
  const [, , , blob = '', status = ''] = raw.trim().split(' ')
  const path = await next(tokens)
  if (status.startsWith('R'))
    return { ...commit, kind: 'renamed', blob, from: path, path: await next(tokens) }
  return { ...commit, kind: kinds[status] ?? 'modified', blob, path }
}

async function next(tokens: Tokens): Promise<string> {
  const { value, done } = await tokens.next()
  if (done) throw new Error('git log ended in the middle of a commit')
  return value
}

async function* tokensOf(output: AsyncIterable<string>): Tokens {
  let rest = ''
  for await (const chunk of output) {
    const tokens = (rest + chunk).split('\0')
    rest = tokens.pop() ?? ''
    yield* tokens
  }
  if (rest !== '') yield rest
}

async function* git(repository: string, args: readonly string[]): AsyncGenerator<string, void> {
  const child = spawn('git', ['-C', repository, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve)
  })
  closed.catch(() => {}) // told below, after the output
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  try {
    yield* child.stdout.setEncoding('utf8')
    if ((await closed) !== 0) throw new Error(`git can't read ${repository}: ${complaint.trim()}`)
  } finally {
    child.kill()
  }
}

const kinds: Readonly<Record<string, Change['kind']>> = { A: 'added', D: 'deleted' }

const logArguments = [
  ...['-c', 'log.showRoot=true', '-c', 'log.showSignature=false'],
  ...['-c', 'i18n.logOutputEncoding=UTF-8'],
  ...['log', '--reverse', '--topo-order', '--no-color', '--no-notes', '--no-show-signature'],
  // Only renames of unchanged files: to find others, git would have to read contents.
  ...['--raw', '-z', '--no-abbrev', '--find-renames=100%', '--diff-merges=off'],
  '--format=%x00%H%x00%an%x00%aI%x00%s',
]
