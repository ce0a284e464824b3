import type { Resolver } from '../../contracts/index.ts'
import type { Condition } from './condition.ts'

/** A rule, or a group's fallback, where it stands when a conflict is resolved. */
export interface Step {
  /** With the names of its groups: `group.rule`, `group.fallback`. */
  readonly name: string
  readonly when: Condition
  readonly chosen: Chosen
  readonly isFallback: boolean
  readonly enabled: boolean
  /** The outermost of its groups that is disabled. */
  readonly disabledBy: string | undefined
}

export interface Chosen {
  readonly resolver: Resolver
  /** Equal for choices that resolve alike. */
  readonly description: string
}

export function isActive({ enabled, disabledBy }: Step): boolean {
  return enabled && disabledBy === undefined
}
