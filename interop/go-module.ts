import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * A program of ours in Go that requires modules of other people, under interop/<name>. Its go.mod names their
 * versions; it has no go.sum, because nobody here could write one from what Go's proxy really gives. So each use
 * works in a copy, where Go writes one itself and holds it against Go's checksum database.
 *
 * Where modules come from is Go's own business (GOPROXY, GONOSUMDB, GOMODCACHE …).
 */
export class GoModule implements AsyncDisposable {
  /** The copy. */
  readonly folder: string
  /** Why Go gets no module of those that are required, in the words of its proxy; undefined where it has all. */
  readonly refused: string | undefined

  static async open(name: GoModuleName): Promise<GoModule> {
    const folder = await mkdtemp(join(tmpdir(), `rejoin-${name}-`))
    try {
      const source = fileURLToPath(new URL(`./${name}`, import.meta.url))
      await cp(source, folder, { recursive: true })
      return new GoModule(folder, await refusal(folder))
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      throw error
    }
  }

  private constructor(folder: string, refused: string | undefined) {
    this.folder = folder
    this.refused = refused
  }

  /** Compiles the package in that folder of the module, and returns the path of the program. */
  async build(from = '.'): Promise<string> {
    if (this.refused !== undefined) throw new Error(this.refused)
    const program = join(this.folder, 'program')
    await go(this.folder, 'build', '-mod=mod', '-ldflags=-s -w', '-o', program, from)
    return program
  }

  /** Rejects with what `go vet` finds. */
  async vet(): Promise<void> {
    await go(this.folder, 'vet', '-mod=mod', './...')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}

export type GoModuleName = 'go-sync-kit' | 'ooo' | 'pivot'

/** The same for one version of any module, such as `github.com/benitogf/ooo@latest`. */
export async function refusalOf(module: string): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'rejoin-module-'))
  try {
    await writeFile(join(folder, 'go.mod'), 'module asks\n')
    return await refusal(folder, module)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Downloads what is named, or all that the folder's go.mod requires. */
async function refusal(folder: string, ...modules: string[]): Promise<string | undefined> {
  await go(folder, 'mod', 'edit', '-json') // throws where go.mod is not well-formed: no answer of a proxy's
  try {
    await go(folder, 'mod', 'download', '-json', ...modules)
    return undefined
  } catch (error) {
    const { stdout = '', why = String(error) } = error as Partial<GoTrouble>
    const answer = /"Error": (".*")$/m.exec(stdout)?.[1]
    const text = answer === undefined ? why.replace(/^go: /, '') : String(JSON.parse(answer))
    // Something came, and it is not what others get.
    if (/checksum mismatch|SECURITY ERROR/.test(text)) throw error
    return text.replace(/\s+/g, ' ').trim()
  }
}

async function go(cwd: string, ...args: readonly string[]): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    // The first time, Go compiles its own library as well.
    const minutes = args[0] === 'mod' ? 1 : 4
    execFile('go', args, { cwd, timeout: minutes * 60_000 }, (error, stdout, stderr) => {
      if (error === null) return resolve()
      const why = error.killed ? `not done in ${minutes} min` : stderr.trim() || error.message
      const told: GoTrouble = { stdout, why }
      reject(Object.assign(new Error(`go ${args.join(' ')}: ${why}`, { cause: error }), told))
    })
  })
}

/** What Go said before it ended with an error. */
interface GoTrouble {
  readonly stdout: string
  readonly why: string
}
