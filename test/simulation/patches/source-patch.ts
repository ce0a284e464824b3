import type { WorldName } from './worlds.ts'

/** A bug that real sync engines have had, as a change of one place of the source. */
export interface SourcePatch {
  readonly name: string
  /** Below `src`. */
  readonly file: string
  /** The text that is changed. It must stand in the file exactly once, or the patch has rotted. */
  readonly find: string
  readonly replace: string
  /** A world in which the bug has something to break; `usual` is whatever a seed draws. */
  readonly world: WorldName
  /** The checker finds it in one of the seeds up to this. */
  readonly seeds: number
  /** What it may show as, first. */
  readonly finds: readonly string[]
}

/** The source with the bug; throws when the patch does not fit it any more. */
export function patched({ name, file, find, replace }: SourcePatch, source: string): string {
  const places = source.split(find).length - 1
  if (places === 1) return source.replace(find, () => replace)
  const words = places === 0 ? 'nowhere' : `at ${places} places`
  throw new Error(`the patch "${name}" has rotted: its text stands ${words} in src/${file}`)
}
