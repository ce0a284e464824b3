import { firstAtLeast } from './first-at-least.ts'

/**
 * Paths in their order, for who pages through them. Nothing is kept until somebody does; from then on the order is
 * brought up to date when it is asked for next: a few changes are put in where they belong, many in one pass.
 */
export class SortedPaths {
  #sorted: string[] | undefined
  /** Since then: whether it is there now. */
  readonly #changed = new Map<string, boolean>()

  set(path: string, isThere: boolean): void {
    if (this.#sorted !== undefined) this.#changed.set(path, isThere)
  }

  /** Those that begin with `prefix`. `all` is asked for once. */
  page(
    {
      prefix,
      skip,
      limit,
    }: { readonly prefix: string; readonly skip: number; readonly limit: number },
    all: () => Iterable<string>,
  ): { readonly paths: readonly string[]; readonly total: number } {
    this.#sorted ??= [...all()].sort()
    const sorted = this.#settle(this.#sorted)
    const from = firstAtLeast(sorted, prefix)
    const to = prefix === '' ? sorted.length : firstAtLeast(sorted, `${prefix}${afterAll}`)
    const paths = sorted.slice(Math.min(to, from + skip), Math.min(to, from + skip + limit))
    return { paths, total: to - from }
  }

  #settle(sorted: string[]): readonly string[] {
    if (this.#changed.size > few) this.#sorted = merged(sorted, this.#changed)
    else for (const [path, isThere] of this.#changed) put(sorted, path, isThere)
    this.#changed.clear()
    return this.#sorted as string[]
  }
}

/** The character after all that a path may hold. */
export const afterAll = '~'

function put(sorted: string[], path: string, isThere: boolean): void {
  const at = firstAtLeast(sorted, path)
  if ((sorted[at] === path) === isThere) return
  if (isThere) sorted.splice(at, 0, path)
  else sorted.splice(at, 1)
}

function merged(sorted: readonly string[], changed: ReadonlyMap<string, boolean>): string[] {
  const added = [...changed].flatMap(([path, isThere]) => (isThere ? [path] : [])).sort()
  const all: string[] = []
  let next = 0
  for (const path of sorted) {
    if (changed.has(path)) continue
    while (next < added.length && (added[next] as string) < path) all.push(added[next++] as string)
    all.push(path)
  }
  while (next < added.length) all.push(added[next++] as string)
  return all
}

/** Each moves all that is behind it, which is quick, but not as quick as nothing. */
const few = 64
