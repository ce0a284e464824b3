import { type ClockLimits, HybridClock } from '../../clock/index.ts'
import { RejoinError } from '../../errors/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import type { VersionManager } from './version-manager.ts'

/** Whose time it is, and how wrong another's may be. */
export interface TimestampManagerOptions {
  readonly runtime?: Pick<Runtime, 'now'>
  /** `quarantine`: a version that leads this clock by so much is not taken up. Default 24 h. */
  readonly clock?: Partial<ClockLimits>
}

/**
 * Versions are nanoseconds since 1970 as decimal digits, from a hybrid clock: each is greater than all that
 * were seen before, whatever the wall clock does. Compare them as `BigInt`s. Two nodes that don't know of
 * each other can come to the same one.
 */
export function timestampManager(options: TimestampManagerOptions = {}): VersionManager {
  return startingAt(0n, options)
}

function startingAt(seen: bigint, options: TimestampManagerOptions): VersionManager {
  const clock = new HybridClock(options.runtime ?? systemRuntime, options.clock, seen)
  return {
    currentVersion: () => String(clock.last),
    nextVersion: () => String(clock.tick()),
    updateFromVersion(version) {
      if (!form.test(version)) throw refused('invalid_argument', 'not a timestamp')
      const stamp = BigInt(version)
      const skew = clock.judge(stamp)
      if (skew === 'unusable' || skew === 'quarantine')
        throw refused('clock', `the timestamp ${version} is too far ahead of this clock`)
      clock.resume(stamp)
    },
    clone: () => startingAt(clock.last, options),
  }
}

function refused(code: 'invalid_argument' | 'clock', message: string): RejoinError {
  return new RejoinError(code, message, { operation: 'update', component: 'store/versioned' })
}

const form = /^(0|[1-9][0-9]{0,18})$/
