import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clusterPatches } from './patches/cluster-patches.ts'
import { linkPatches } from './patches/link-patches.ts'
import { readingPatches } from './patches/reading-patches.ts'
import { copyOfSource, type SourceCopy } from './patches/source-copy.ts'
import { patched, type SourcePatch } from './patches/source-patch.ts'
import { storePatches } from './patches/store-patches.ts'
import type { WorldName } from './patches/worlds.ts'

const isFull = process.env.REJOIN_TORTURE === 'full'
const patches: readonly SourcePatch[] = [
  ...linkPatches,
  ...storePatches,
  ...readingPatches,
  ...clusterPatches,
]
const tried = isFull ? patches : todays(patches, 4)

describe('a patch of the source', () => {
  it.each(patches)('fits what it is to break: $name', async (patch) => {
    const source = await readFile(join(src, patch.file), 'utf8')
    expect(patched(patch, source)).not.toBe(source)
  })

  it('whose text is gone, or stands there twice, has rotted and is told of', () => {
    const patch = { ...(patches[0] as SourcePatch), name: 'old', find: 'a', file: 'f.ts' }
    expect(() => patched(patch, 'none')).toThrow(
      'the patch "old" has rotted: its text stands nowhere in src/f.ts',
    )
    expect(() => patched(patch, 'a a')).toThrow('at 2 places')
  })

  it('is there for at least twelve bugs, each another one', () => {
    expect(new Set(patches.map(({ name }) => name)).size).toBe(patches.length)
    expect(patches.length).toBeGreaterThanOrEqual(12)
  })
})

describe('the simulator finds bugs of the source, and does not cry wolf', () => {
  let copy: SourceCopy
  /** How many seeds of each world were looked at. */
  const looked = new Map<WorldName, number>()

  beforeAll(async () => {
    copy = await copyOfSource()
  }, 60_000)

  afterAll(() => copy?.[Symbol.asyncDispose]())

  for (const patch of tried)
    it(`${patch.name}: within ${patch.seeds} seeds`, async () => {
      const found = await copy.lookFor(patch)
      expect(patch.finds).toContain(found?.invariant)
      const seeds = isFull ? patch.seeds : (found?.seed as number)
      looked.set(patch.world, Math.max(seeds, looked.get(patch.world) ?? 0))
    }, 300_000)

  it('and finds nothing in the same worlds without them', async () => {
    expect(looked.size).toBeGreaterThan(0)
    for (const [world, seeds] of looked)
      expect([world, await copy.look(world, 1, seeds)]).toEqual([world, undefined])
  }, 600_000)
})

/** Some, other ones on another day; the whole run takes all. */
function todays<T>(all: readonly T[], count: number): readonly T[] {
  const days = Math.floor(Date.now() / 86_400_000)
  const first = (days * count) % all.length
  return [...all, ...all].slice(first, first + count)
}

const src = join(import.meta.dirname, '..', '..', 'src')
