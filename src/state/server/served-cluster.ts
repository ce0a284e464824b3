/** A server's part in a cluster, as its state server shows it: what `servedCluster` of `rejoin/cluster` gives. */
export interface ServedCluster {
  /** Before a path or pattern is read or subscribed to. */
  readonly beforeRead: (path: string) => Promise<void>
  /** Of an answer that reads a path or pattern: how fresh it is. */
  readonly headers: (path: string) => Promise<FreshnessHeaders>
  /** The answer to `/?api=pivot`. */
  readonly shown: () => object
}

/** All headers that tell how fresh an answer is: pages from elsewhere may read them, too. */
export const freshnessHeaders = [
  'rejoin-as-of',
  'rejoin-leader-reachable',
  'rejoin-pending-writes',
  'rejoin-refused-writes',
  'rejoin-refused-reasons',
] as const

export type FreshnessHeaders = { readonly [name in (typeof freshnessHeaders)[number]]?: string }

/** First segments that a cluster needs for itself. */
export const clusterNames: readonly string[] = ['cluster']

/** Outside of any cluster. */
export const noCluster: ServedCluster = {
  beforeRead: async () => {},
  headers: async () => noHeaders,
  shown: () => ({
    role: 'none',
    pivotIP: '',
    nodes: [],
    syncedKeys: [],
    pivotHealthy: false,
    pivotLastCheck: '',
    pivotProtocol: '',
    pivotCompatible: false,
  }),
}

const noHeaders = {}
