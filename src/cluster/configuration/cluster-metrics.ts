/**
 * Where a cluster counts what it proves. Called once for each thing that ended, at once and synchronously; what it
 * throws is logged and changes nothing.
 */
export interface ClusterMetrics {
  /** A key was compared with its leader, and repaired where it differed. */
  keyCompared(compared: KeyMeasure): void
}

/** One comparison of a key. */
export interface KeyMeasure {
  readonly key: string
  /** The name of the storage it lives in. */
  readonly storage: string
  /** The leader's address. */
  readonly leader: string
  /** Objects that differed though links had said that all was exchanged: defects, 0 where all is well. */
  readonly defects: number
  /** Those among them that could not be repaired. */
  readonly left: number
  /** Milliseconds. */
  readonly duration: number
}

/** The default: nothing is counted. */
export const noClusterMetrics: ClusterMetrics = {
  keyCompared() {},
}
