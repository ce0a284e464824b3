import type { LinkProgress } from '../link/index.ts'

/** How one call of sync, push or pull is watched and called off. */
export interface SyncOptions {
  readonly signal?: AbortSignal
  /** After each batch: what this run has moved so far, also before the call joined it. */
  readonly onProgress?: (progress: LinkProgress) => void
}
