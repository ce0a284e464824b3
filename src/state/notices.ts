import { objectOf, Patterns, type StateObject, type StateRow } from '../contracts/index.ts'
import { type Logger, tellListener } from '../ports/index.ts'
import type { Position } from '../version/index.ts'
import type { Change, Notice } from './state.ts'

export type Listener = (notice: Notice<never>) => void

/** Who listens to which pattern. One change finds its listeners by its path, however many there are. */
export class Notices {
  readonly #patterns = new Patterns<Set<Listener>>()
  readonly #threw: (error: unknown) => void

  constructor(logger: Logger) {
    this.#threw = (error) => logger.error('a listener to state threw', { error })
  }

  /** Returns how to stop. */
  add(pattern: string, listener: Listener): () => void {
    // Its own, so that the same function may listen twice.
    const own: Listener = (notice) => listener(notice)
    const set = this.#patterns.get(pattern) ?? new Set<Listener>()
    set.add(own)
    this.#patterns.set(pattern, set)
    return () => {
      set.delete(own)
      if (set.size === 0 && this.#patterns.get(pattern) === set) this.#patterns.delete(pattern)
    }
  }

  /** Nobody listens. */
  get areUnheard(): boolean {
    return this.#patterns.size === 0
  }

  /** One notice to each listener, with what of the changes matches its pattern. */
  tell(
    changes: readonly Change[],
    version: (position: Position) => string,
    cleared?: string,
  ): void {
    if (this.areUnheard) return
    const heard = new Map<Listener, Change[]>()
    for (const change of changes)
      for (const set of this.#patterns.matching(change.path))
        for (const listener of set) {
          const own = heard.get(listener)
          if (own === undefined) heard.set(listener, [change])
          else own.push(change)
        }
    for (const [listener, own] of heard) {
      const { position } = own.at(-1) as Change
      this.#call(listener, {
        changes: own,
        position,
        version: version(position),
        ...(cleared !== undefined && { cleared }),
      })
    }
  }

  /** Everybody is to read a snapshot: what is gone cannot be told one by one. */
  tellBehind(position: Position, version: string): void {
    for (const set of [...this.#patterns.values()])
      for (const listener of [...set])
        this.#call(listener, { changes: [], position, version, behind: true })
  }

  #call(listener: Listener, notice: Notice): void {
    tellListener(listener, notice as Notice<never>, this.#threw)
  }
}

export function changeOf(row: StateRow, before?: StateObject): Change {
  const { path, position } = row
  const object = objectOf(row)
  return before === undefined ? { path, position, object } : { path, position, object, before }
}
