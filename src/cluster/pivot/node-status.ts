/** One peer's health, as `/_pivot/health/nodes` and `pivot/status` tell it. */
export interface PivotNodeStatus {
  /** `host:port`. */
  readonly address: string
  readonly healthy: boolean
  /** When that was last found out, milliseconds since 1970; absent: not yet. */
  readonly lastCheck?: number
  /** What it speaks; `unknown` before it was asked. */
  readonly protocol: string
}

/** The status on the wire: what it speaks is compatible or not, and times are RFC 3339. */
export function nodeStatusBody({ address, healthy, lastCheck, protocol }: PivotNodeStatus): object {
  return {
    address,
    healthy,
    lastCheck: lastCheck === undefined ? '' : rfc3339(lastCheck),
    protocol,
    compatible: protocol === pivotProtocol,
  }
}

/** The only protocol that servers of the original talk to. */
export const pivotProtocol = '2.0'

/** UTC, whole seconds: `2026-01-05T08:43:00Z`. */
export function rfc3339(milliseconds: number): string {
  return `${format.format(milliseconds).replace(' ', 'T')}Z`
}

// Swedish writes dates as ISO 8601 does.
const format = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'UTC',
  dateStyle: 'short',
  timeStyle: 'medium',
})
