import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { patched, type SourcePatch } from './source-patch.ts'
import type { WorldName } from './worlds.ts'

/** The first thing that broke. */
export interface Found {
  readonly seed: number
  readonly invariant: string
  readonly message: string
}

/** A copy of the source that can be changed, and the worlds of the simulator in it. */
export interface SourceCopy extends AsyncDisposable {
  /** Runs the worlds of these seeds with the bug in place, until one breaks. */
  lookFor(patch: SourcePatch): Promise<Found | undefined>
  /** The same without any bug. */
  look(world: WorldName, first: number, last: number): Promise<Found | undefined>
}

export async function copyOfSource(): Promise<SourceCopy> {
  const home = await mkdtemp(join(tmpdir(), 'rejoin-patched-'))
  const copied = (path: string) => !path.endsWith('.test.ts')
  for (const part of ['package.json', 'src', 'test/simulation/patches'])
    await cp(join(root, part), join(home, part), { recursive: true, filter: copied })
  await symlink(join(root, 'node_modules'), join(home, 'node_modules'))
  const look = async (world: WorldName, first: number, last: number) => {
    const script = join(home, 'test/simulation/patches/look-for.ts')
    const { stdout } = await run(process.execPath, [script, world, String(first), String(last)], {
      // Of its own: what is compiled here is of no use to anybody else.
      env: { ...process.env, NODE_COMPILE_CACHE: join(home, 'compiled') },
    })
    return (JSON.parse(stdout) as Found | null) ?? undefined
  }
  return {
    look,
    async lookFor(patch) {
      const path = join(home, 'src', patch.file)
      const source = await readFile(path, 'utf8')
      await writeFile(path, patched(patch, source))
      try {
        return await look(patch.world, 1, patch.seeds)
      } finally {
        await writeFile(path, source)
      }
    },
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  }
}

const root = join(import.meta.dirname, '..', '..', '..')
const run = promisify(execFile)
