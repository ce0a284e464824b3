import { isGlob, Patterns, type StateStorage } from '../../contracts/index.ts'

/** A path or list that is shared, and where it lives. */
export interface PivotKey {
  /** Such as `settings` or `users/*`. */
  readonly path: string
  readonly storage: StateStorage
}

/** Finds the keys that requests of the 2.0 routes mean. */
export class PivotKeys {
  readonly all: readonly PivotKey[]
  readonly #patterns = new Patterns<PivotKey>()

  constructor(keys: readonly PivotKey[]) {
    this.all = keys
    for (const key of keys) this.#patterns.set(key.path, key)
  }

  /** The key that a path belongs to: one with a name before one with `*`. */
  of(path: string): PivotKey | undefined {
    return this.#patterns.matching(path)[0]
  }

  withBase(base: string): PivotKey | undefined {
    return this.all.find(({ path }) => baseOf(path) === base)
  }

  /** What a GET means: an object, or the list that it is in, whatever stands in place of its `*`. */
  read(path: string): PivotKey | undefined {
    const exact = this.#patterns.get(path)
    if (exact !== undefined) return exact
    let found: PivotKey | undefined
    for (const key of this.all)
      if (isGlob(key.path) && path.startsWith(`${baseOf(key.path)}/`))
        if (found === undefined || found.path.length < key.path.length) found = key
    return found
  }
}

/** A key without its `/*`, as the original has it: `users` for `users/*`. */
export function baseOf(key: string): string {
  return key.endsWith('/*') ? key.slice(0, -2) : key
}

/**
 * Why the original can't share a key at all; `undefined` when it can. It takes the first `/*` out of a pattern,
 * wherever that stands, and asks for something else then.
 */
export function keyProblem(key: string): string | undefined {
  const star = key.indexOf('*')
  if (star < 0 || (star === key.length - 1 && key.endsWith('/*'))) return undefined
  return `a server of the original shares paths and lists such as users/*, not ${key}`
}

/** Why the original can't be sent an object of a key; `undefined` when it can. Its item route knows no others. */
export function indexProblem(key: string, path: string): string | undefined {
  const problem = keyProblem(key)
  if (problem !== undefined || !isGlob(key)) return problem
  const index = path.slice(baseOf(key).length + 1)
  const wrong = /[^A-Za-z0-9]/.exec(index)?.[0]
  if (wrong === undefined) return undefined
  return `a server of the original takes letters and digits in an index, and "${index.slice(0, 80)}" has "${wrong}"`
}
