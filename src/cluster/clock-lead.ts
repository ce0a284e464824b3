import { defaultClockLimits } from '../clock/index.ts'
import type { Peers } from './peers.ts'

/** Milliseconds by which the clock here leads those of all others that are there; 0 where nobody is. */
export function clockLead({ all }: Pick<Peers, 'all'>): number {
  const offsets = all.flatMap(({ isThere, health }) => (isThere ? (health.clockOffset ?? []) : []))
  return offsets.length === 0 ? 0 : -Math.max(...offsets)
}

/** So far ahead of all others that they refuse what is written here. */
export function isDayAhead(peers: Pick<Peers, 'all'>): boolean {
  return clockLead(peers) >= defaultClockLimits.quarantine
}
