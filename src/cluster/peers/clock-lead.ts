import { defaultClockLimits } from '../../clock/index.ts'
import type { Peers } from './peers.ts'

/** Milliseconds by which the clock here leads those of all others that are there; 0 where nobody is. */
export function clockLead(peers: Pick<Peers, 'all'>): number {
  const offsets = offsetsOf(peers)
  return offsets.length === 0 ? 0 : -Math.max(...offsets)
}

/**
 * Milliseconds by which the clock here is behind those of all others that are there; 0 where fewer than two are: of
 * two clocks that are far apart it is the one ahead whose writes are refused, whichever of them is right.
 */
export function clockLag(peers: Pick<Peers, 'all'>): number {
  const offsets = offsetsOf(peers)
  return offsets.length < 2 ? 0 : Math.min(...offsets)
}

/** So far ahead of all others that they refuse what is written here. */
export function isDayAhead(peers: Pick<Peers, 'all'>): boolean {
  return clockLead(peers) >= defaultClockLimits.quarantine
}

/** So far behind all others that it refuses what they write. */
export function isDayBehind(peers: Pick<Peers, 'all'>): boolean {
  return clockLag(peers) >= defaultClockLimits.quarantine
}

function offsetsOf({ all }: Pick<Peers, 'all'>): readonly number[] {
  return all.flatMap(({ isThere, health }) => (isThere ? (health.clockOffset ?? []) : []))
}
