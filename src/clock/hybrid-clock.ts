import { fields, wholeNumber } from '../errors/check.ts'
import { RejoinError } from '../errors/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { latestUsableStamp, type Stamp, stampOf } from './stamp.ts'

/** How far a stamp may lead this node's wall clock, in milliseconds. */
export interface ClockLimits {
  /** This clock follows what it sees up to here, no further. */
  readonly bound: number
  /** From here on a stamp is worth a warning. */
  readonly warn: number
  /** From here on the first acceptor refuses, for now. */
  readonly quarantine: number
}

export const defaultClockLimits: ClockLimits = {
  bound: 60_000,
  warn: 5_000,
  quarantine: 24 * 60 * 60_000,
}

/** How a stamp from elsewhere stands against this node's wall clock. `unusable`: beyond the year 2200. */
export type Skew = 'fine' | 'ahead' | 'quarantine' | 'unusable'

/**
 * A hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014) with three limits. Its ticks
 * always increase, whatever the wall clock does. It follows the stamps it sees only up to `bound`, so one
 * wrong clock cannot drag a fleet into the future; a write is still stamped above what it replaces.
 */
export class HybridClock {
  readonly limits: ClockLimits
  readonly #runtime: Pick<Runtime, 'now'>
  #last: bigint
  /** The wall clock as last read, in milliseconds and as a stamp: it stands still for many ticks. */
  #read = 0
  #wall: bigint = stampOf(0)
  /** By the wall clock, in milliseconds. */
  #warnedAt: number | undefined
  #unwarned = 0
  /** The limits as stamps. */
  readonly #bound: bigint
  readonly #warn: bigint
  readonly #quarantine: bigint

  constructor(runtime: Pick<Runtime, 'now'>, limits: Partial<ClockLimits> = {}, last = 0n) {
    this.#runtime = runtime
    this.limits = checkedLimits(limits)
    this.#bound = stampOf(this.limits.bound)
    this.#warn = stampOf(this.limits.warn)
    this.#quarantine = stampOf(this.limits.quarantine)
    this.#last = last
  }

  /** The greatest tick so far: what a store keeps, to go on from after a restart. */
  get last(): Stamp {
    return this.#last as Stamp
  }

  /** Takes up the ticks of another process on the same store; never goes back. */
  resume(last: bigint): void {
    if (last > this.#last) this.#last = last
  }

  /**
   * The stamp of a new write over `above`, the greatest stamp it replaces. Throws `clock` when it would
   * lie beyond the year 2200, and then the clock has not moved.
   */
  tick(above: bigint = 0n): Stamp {
    const wall = this.#readWall()
    const next = wall > this.#last ? wall : this.#last + 1n
    const stamp = above >= next ? above + 1n : next
    if (stamp > latestUsableStamp) throw beyondUse(stamp, next > latestUsableStamp)
    this.#last = next
    return stamp as Stamp
  }

  /** Follows a stamp seen elsewhere, at most `bound` ahead of the wall clock. */
  observe(stamp: bigint): void {
    if (stamp <= this.#last) return
    const bound = this.#readWall() + this.#bound
    const seen = stamp < bound ? stamp : bound
    if (seen > this.#last) this.#last = seen
  }

  judge(stamp: bigint): Skew {
    if (stamp > latestUsableStamp) return 'unusable'
    const wall = this.#readWall()
    if (stamp < wall + this.#warn) return 'fine'
    return stamp < wall + this.#quarantine ? 'ahead' : 'quarantine'
  }

  /**
   * Whether to warn of a stamp that is ahead, with how many others there were since the last warning; `undefined`: not
   * now. Once a minute: a wrong clock that writes much would fill the logs of a whole fleet.
   */
  warning(): { readonly others: number } | undefined {
    const now = this.#runtime.now()
    if (this.#warnedAt !== undefined && Math.abs(now - this.#warnedAt) < betweenWarnings) {
      this.#unwarned++
      return undefined
    }
    const others = this.#unwarned
    this.#warnedAt = now
    this.#unwarned = 0
    return { others }
  }

  #readWall(): bigint {
    const now = this.#runtime.now()
    if (now !== this.#read) {
      this.#read = now
      this.#wall = stampOf(now)
    }
    return this.#wall
  }
}

const betweenWarnings = 60_000

function checkedLimits(given: Partial<ClockLimits>): ClockLimits {
  const where = { operation: 'open', component: 'clock' }
  const limits = fields('clock', given, where)
  const checked = (key: keyof ClockLimits) =>
    wholeNumber(`clock.${key}`, limits[key] ?? defaultClockLimits[key], where)
  return {
    bound: checked('bound'),
    warn: checked('warn'),
    quarantine: checked('quarantine'),
  }
}

function beyondUse(stamp: bigint, isOwn: boolean): RejoinError {
  const message = isOwn
    ? 'this clock is beyond the year 2200: set the device to the right time'
    : 'what this would stand over has the last time before the year 2200: nothing can be written above it'
  return new RejoinError('clock', message, {
    operation: 'tick',
    component: 'clock',
    details: { stamp: String(stamp) },
  })
}
