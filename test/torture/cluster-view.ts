/** The answer to `GET /_rejoin/cluster` of one server, as far as it matters here. */
export type ClusterView =
  | { readonly unreachable: string }
  | {
      readonly unreachable?: never
      readonly keys: readonly KeyView[]
      readonly peers: readonly object[]
    }

interface KeyView {
  readonly path: string
  readonly role: 'leader' | 'member'
  readonly leader: string
  readonly leaderReachable: boolean
  readonly pendingWrites: number
  readonly asOf?: number
}

/** Who leads everything, in the eyes of this server; `undefined` when that is not one server. */
export function leaderIn(view: ClusterView | undefined): string | undefined {
  if (view === undefined || view.unreachable !== undefined) return undefined
  const leaders = new Set(view.keys.map(({ leader }) => leader))
  return leaders.size === 1 ? leaders.values().next().value : undefined
}

/** Whether each knows all of the others, whoever told it. */
export function areAcquainted(views: readonly ClusterView[]): boolean {
  return views.every(
    (view) => view.unreachable === undefined && view.peers.length >= views.length - 1,
  )
}

/**
 * All follow one leader, which has confirmed what they hold; and they have what it had at that time, milliseconds since
 * 1970.
 */
export function isLevel(views: readonly ClusterView[], since: number): boolean {
  const [leader, ...others] = new Set(views.map(leaderIn))
  if (leader === undefined || others.length > 0) return false
  const keys = views.flatMap((view) => (view.unreachable === undefined ? view.keys : []))
  const leading = views.filter(
    (view) => view.unreachable === undefined && view.keys.every(({ role }) => role === 'leader'),
  )
  return (
    leading.length === 1 &&
    keys.every(
      ({ leaderReachable, pendingWrites, asOf = -1 }) =>
        leaderReachable && pendingWrites === 0 && asOf >= since,
    )
  )
}

/** For who has to find out what is wrong. */
export function shownStatuses(views: readonly ClusterView[]): string {
  return views.map((view, server) => `${server}: ${JSON.stringify(view, undefined, 1)}`).join('\n')
}
