import type { Runtime } from '../runtime/index.ts'

/** SHA-256 of what an event says, as unpadded base64url. */
export type ContentHash = string & { readonly __brand: 'ContentHash' }

/**
 * Two events are the same fact when their hashes are equal. The encoding is seven lines of UTF-8: a
 * label, then the parts; none of them can hold a line feed, so no two contents share an encoding.
 */
export function contentHash(content: Content, runtime: Pick<Runtime, 'sha256'>): ContentHash {
  const { id, type, aggregateId, schemaVersion, metadataText, dataText } = content
  return runtime.sha256(
    `rejoin-event-1\n${id}\n${type}\n${aggregateId}\n${schemaVersion}\n${metadataText}\n${dataText}`,
  ) as ContentHash
}

interface Content {
  readonly id: string
  readonly type: string
  readonly aggregateId: string
  readonly schemaVersion: number
  /** Exact JSON text of one line; empty for none. */
  readonly metadataText: string
  /** Exact JSON text of one line. */
  readonly dataText: string
}
