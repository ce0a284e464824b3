/**
 * How an application versions its events: by vector clock, by timestamp, or its own way. A version is any
 * text; it travels in the event's metadata, so it is exact wherever the event goes.
 *
 * The manager is asked by one append at a time. Nothing here waits.
 */
export interface VersionManager {
  /** All that it has seen, as a version. */
  currentVersion(): string

  /** The version of the next event of that node, which counts as seen from now on. */
  nextVersion(nodeId: string): string

  /**
   * Takes up a version from the log. Must take any order and any repeat. What it throws for a version that it
   * won't have is logged, and the event stays.
   */
  updateFromVersion(version: string): void

  /** One that has seen the same and goes on by itself: an append that is refused leaves no trace. */
  clone(): VersionManager
}
