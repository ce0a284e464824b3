import { VectorClock } from '../../version/index.ts'
import type { VersionManager } from './version-manager.ts'

/**
 * Versions are vector clocks in Go's encoding, such as `{"A":1,"B":2}`: read them with `VectorClock.parse`,
 * and `compare` tells what an event's writer had seen of another. Holds to the clock's limits: after 1,000
 * nodes a new one can't write. Whoever may push can raise every counter.
 */
export function vectorClockManager(seen: VectorClock = VectorClock.empty): VersionManager {
  let clock = seen
  return {
    currentVersion: () => String(clock),
    nextVersion(nodeId) {
      clock = clock.increment(nodeId)
      return String(clock)
    },
    updateFromVersion(version) {
      clock = clock.merge(VectorClock.parse(version))
    },
    clone: () => vectorClockManager(clock),
  }
}
