/**
 * Values at paths, found by patterns: what a list holds costs what it holds, wherever else there is something.
 * Within a list, in the order in which paths were first set.
 */
export class PathTree<Value> {
  readonly #root: Branch<Value> = newBranch()
  #looks = 0

  /** Branches and values that `matching` has looked at so far: what reading costs. */
  get looks(): number {
    return this.#looks
  }

  set(path: string, value: Value): void {
    const segments = path.split('/')
    const last = segments.pop() as string
    let branch = this.#root
    for (const segment of segments) {
      let next = branch.below.get(segment)
      if (next === undefined) {
        next = newBranch()
        branch.below.set(segment, next)
      }
      branch = next
    }
    branch.here.set(last, value)
  }

  delete(path: string): void {
    removeFrom(this.#root, path.split('/'), 0)
  }

  /** Of every path that matches; without a pattern, of every path. */
  matching(pattern?: string): Value[] {
    const found: Value[] = []
    const branches =
      pattern === undefined
        ? collectAll(this.#root, found)
        : collect(this.#root, pattern.split('/'), 0, found)
    this.#looks += branches + found.length
    return found
  }
}

interface Branch<Value> {
  /** By the last segment of their paths. */
  readonly here: Map<string, Value>
  readonly below: Map<string, Branch<Value>>
}

function newBranch<Value>(): Branch<Value> {
  return { here: new Map(), below: new Map() }
}

/** Branches that become empty go, or deleted paths would stay in memory. */
function removeFrom<Value>(
  branch: Branch<Value>,
  segments: readonly string[],
  depth: number,
): void {
  const segment = segments[depth] as string
  if (depth === segments.length - 1) {
    branch.here.delete(segment)
    return
  }
  const next = branch.below.get(segment)
  if (next === undefined) return
  removeFrom(next, segments, depth + 1)
  if (next.here.size === 0 && next.below.size === 0) branch.below.delete(segment)
}

/** Each answers how many branches were looked at. */
function collect<Value>(
  branch: Branch<Value>,
  segments: readonly string[],
  depth: number,
  found: Value[],
): number {
  const segment = segments[depth] as string
  if (depth === segments.length - 1) {
    if (segment === '*') for (const value of branch.here.values()) found.push(value)
    else if (branch.here.has(segment)) found.push(branch.here.get(segment) as Value)
    return 1
  }
  let looks = 1
  if (segment === '*')
    for (const next of branch.below.values()) looks += collect(next, segments, depth + 1, found)
  else {
    const next = branch.below.get(segment)
    if (next !== undefined) looks += collect(next, segments, depth + 1, found)
  }
  return looks
}

function collectAll<Value>({ here, below }: Branch<Value>, found: Value[]): number {
  let looks = 1
  for (const value of here.values()) found.push(value)
  for (const branch of below.values()) looks += collectAll(branch, found)
  return looks
}
