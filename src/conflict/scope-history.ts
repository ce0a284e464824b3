import type { Conflict, EffectiveEvent } from '../contracts/index.ts'

/** A way to make one state of what went before. Give the same object each time: its results are kept. */
export interface Fold<State> {
  readonly initial: State
  /** Leaves `state` as it is. */
  step(state: State, entry: EffectiveEvent): State
}

/**
 * The fold of a conflict's base. A history with many conflicts would be folded from its beginning for each
 * of them; for those found here, the fold goes on from the conflict before.
 */
export function foldBase<State>(conflict: Conflict, fold: Fold<State>): State {
  const place = places.get(conflict)
  if (place !== undefined) return place.history.fold(fold, place.length)
  return conflict.base.reduce((state, entry) => fold.step(state, entry), fold.initial)
}

/** What counts of one scope, as far as it is resolved. */
export class ScopeHistory {
  readonly #entries: EffectiveEvent[] = []
  readonly #folds = new Map<unknown, { readonly length: number; readonly state: unknown }>()

  get length(): number {
    return this.#entries.length
  }

  push(entry: EffectiveEvent): void {
    this.#entries.push(entry)
  }

  first(length: number): readonly EffectiveEvent[] {
    return Object.freeze(this.#entries.slice(0, length))
  }

  /** From now on `foldBase` knows that the conflict's base is what is here at this moment. */
  isBaseOf(conflict: Conflict): void {
    places.set(conflict, { history: this, length: this.length })
  }

  fold<State>(fold: Fold<State>, length: number): State {
    const known = this.#folds.get(fold) as { length: number; state: State } | undefined
    const from = known !== undefined && known.length <= length ? known.length : 0
    let state = from > 0 && known !== undefined ? known.state : fold.initial
    for (let at = from; at < length; at++)
      state = fold.step(state, this.#entries[at] as EffectiveEvent)
    this.#folds.set(fold, { length, state })
    return state
  }
}

const places = new WeakMap<Conflict, { readonly history: ScopeHistory; readonly length: number }>()
