import type { Conflict, Resolution } from '../../contracts/index.ts'
import type { RejoinError } from '../../errors/index.ts'

/**
 * Told what happens while conflicts are resolved: for logs, metrics and tests. A history that is folded again
 * is resolved again, so one conflict may be told of often. What a hook throws is dropped and changes nothing.
 */
export interface RuleHooks {
  onConflict?(conflict: Conflict): void
  onRuleMatched?(told: { readonly conflict: Conflict } & Choice): void
  onResolved?(told: { readonly conflict: Conflict; readonly resolution: Resolution } & Choice): void
  /** No rule fits, or only a group's fallback does; `rule` then is `group.fallback`. */
  onFallback?(told: { readonly conflict: Conflict } & Choice): void
  /** A function of the application's own threw or answered nonsense; the conflict waits for review. */
  onError?(told: { readonly error: RejoinError; readonly conflict?: Conflict }): void
}

/** Who decides a conflict. */
export interface Choice {
  /** With the names of its groups: `group.rule`. `undefined`: the rule set's fallback. */
  readonly rule: string | undefined
  readonly resolver: string
}

/** Calls a hook; whatever comes of it stays there. */
export function tell<Told>(hook: ((told: Told) => unknown) | undefined, told: Told): void {
  try {
    const answer = hook?.(told)
    // An async hook that rejects must not end the process.
    if (answer instanceof Promise) answer.catch(() => {})
  } catch {}
}
