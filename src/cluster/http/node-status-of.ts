import type { PeerHealth } from '../peers/peer.ts'
import type { PivotNodeStatus } from '../pivot/node-status.ts'

/** A peer's health in the words of the original. */
export function nodeStatusOf({
  address,
  healthy = false,
  lastCheck,
  protocol,
}: PeerHealth): PivotNodeStatus {
  return {
    address,
    healthy,
    protocol: protocol ?? 'unknown',
    ...(lastCheck !== undefined && { lastCheck }),
  }
}
