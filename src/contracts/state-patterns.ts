/**
 * Patterns with a value each, found by the paths that match them in time that depends on the path's depth,
 * not on how many patterns there are.
 */
export class Patterns<Value> {
  readonly #root: Branch<Value> = newBranch()
  #size = 0

  /** Distinct patterns. */
  get size(): number {
    return this.#size
  }

  set(pattern: string, value: Value): void {
    let branch = this.#root
    for (const segment of pattern.split('/')) {
      const next = branch.below.get(segment) ?? newBranch<Value>()
      branch.below.set(segment, next)
      branch = next
    }
    if (branch.at === undefined) this.#size++
    branch.at = { value }
  }

  /** The value under exactly this pattern. */
  get(pattern: string): Value | undefined {
    return this.#way(pattern)?.at(-1)?.at?.value
  }

  delete(pattern: string): boolean {
    const segments = pattern.split('/')
    const way = this.#way(pattern)
    if (way?.at(-1)?.at === undefined) return false
    ;(way.at(-1) as Branch<Value>).at = undefined
    this.#size--
    for (let depth = segments.length; depth > 0; depth--) {
      const branch = way[depth] as Branch<Value>
      if (branch.at !== undefined || branch.below.size > 0) break
      way[depth - 1]?.below.delete(segments[depth - 1] as string)
    }
    return true
  }

  /** The values of all patterns that the path matches: a name before `*`, from the first segment on. */
  matching(path: string): Value[] {
    const found: Value[] = []
    if (this.#size > 0) collect(this.#root, path.split('/'), 0, found)
    return found
  }

  *values(): Iterable<Value> {
    yield* valuesIn(this.#root)
  }

  /** The branches from the root to the pattern's own. */
  #way(pattern: string): Branch<Value>[] | undefined {
    const way = [this.#root]
    for (const segment of pattern.split('/')) {
      const next = way.at(-1)?.below.get(segment)
      if (next === undefined) return undefined
      way.push(next)
    }
    return way
  }
}

interface Branch<Value> {
  readonly below: Map<string, Branch<Value>>
  at: { readonly value: Value } | undefined
}

function newBranch<Value>(): Branch<Value> {
  return { below: new Map(), at: undefined }
}

function collect<Value>(
  branch: Branch<Value>,
  segments: readonly string[],
  depth: number,
  found: Value[],
): void {
  if (depth === segments.length) {
    if (branch.at !== undefined) found.push(branch.at.value)
    return
  }
  const segment = segments[depth] as string
  const named = branch.below.get(segment)
  if (named !== undefined) collect(named, segments, depth + 1, found)
  const star = segment === '*' ? undefined : branch.below.get('*')
  if (star !== undefined) collect(star, segments, depth + 1, found)
}

function* valuesIn<Value>({ at, below }: Branch<Value>): Iterable<Value> {
  if (at !== undefined) yield at.value
  for (const branch of below.values()) yield* valuesIn(branch)
}
