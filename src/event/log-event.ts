import type { Stamp } from '../clock/index.ts'
import { parseJson } from '../json/index.ts'
import type { ContentHash } from './content-hash.ts'
import type { EventId, Origin } from './ids.ts'

/**
 * An immutable fact: a header and a payload. The payload is carried as text; `data` and `metadata` are
 * parsed when first asked for. A stub keeps its place in the log and in causality without the content.
 */
export class LogEvent<Type extends string = string, Data = unknown> {
  readonly id: EventId
  /** `null`: the event came from elsewhere and takes no part in causality. */
  readonly origin: Origin | null
  /** Counts the origin's events from 1, without gaps; 0 without an origin. */
  readonly sequence: bigint
  readonly stamp: Stamp
  /** The aggregate's heads its writer knew. */
  readonly parents: readonly EventId[]
  readonly aggregateId: string
  /** Empty in a stub. */
  readonly type: Type
  readonly schemaVersion: number
  /** Empty in a stub whose content is erased. */
  readonly hash: ContentHash | ''
  /** JSON object on one line, exactly as written; empty for none. */
  readonly metadataText: string
  /** JSON on one line, exactly as written; empty in a stub. */
  readonly dataText: string
  /** Why the content is not here; `null` when it is. */
  readonly stub: StubReason | null

  #data: Data | undefined
  #metadata: Readonly<Record<string, unknown>> | undefined

  constructor(init: LogEventInit) {
    this.id = init.id
    this.origin = init.origin
    this.sequence = init.sequence
    this.stamp = init.stamp
    this.parents = init.parents
    this.aggregateId = init.aggregateId
    this.type = init.type as Type
    this.schemaVersion = init.schemaVersion
    this.hash = init.hash
    this.metadataText = init.metadataText
    this.dataText = init.dataText
    this.stub = init.stub
  }

  /** Bytes this takes on the way, about: characters, and what a header weighs. */
  get size(): number {
    return this.dataText.length + this.metadataText.length + headerSize
  }

  /** The payload, parsed once. Numbers beyond 2^53 lose digits here; `dataText` is exact. */
  get data(): Data {
    if (this.#data === undefined && this.stub === null)
      this.#data = parseJson(this.dataText) as Data
    return this.#data as Data
  }

  /** The metadata, parsed once; an empty object when there is none. */
  get metadata(): Readonly<Record<string, unknown>> {
    this.#metadata ??=
      this.metadataText === ''
        ? {}
        : (parseJson(this.metadataText) as Readonly<Record<string, unknown>>)
    return this.#metadata
  }

  /**
   * Written by newer code than this, as the reader's upcasters say: `data` may have another form than its type
   * promises. Always `false` where there are no upcasters.
   */
  get newer(): boolean {
    return false
  }

  toJSON(): object {
    const { id, type, aggregateId, origin, parents, schemaVersion, hash, stub } = this
    const place = { origin, sequence: String(this.sequence), stamp: String(this.stamp), parents }
    const content = stub === null ? { metadata: this.metadata, data: this.data } : { stub }
    return { id, type, aggregateId, ...place, schemaVersion, hash, ...content }
  }
}

const headerSize = 256

export interface LogEventInit {
  readonly id: EventId
  readonly origin: Origin | null
  readonly sequence: bigint
  readonly stamp: Stamp
  readonly parents: readonly EventId[]
  readonly aggregateId: string
  readonly type: string
  readonly schemaVersion: number
  readonly hash: ContentHash | ''
  readonly metadataText: string
  readonly dataText: string
  readonly stub: StubReason | null
}

/** `withheld`: a filter kept it back, it can be filled. `erased`: gone on purpose. `compacted`: folded into a snapshot. */
export type StubReason = (typeof stubReasons)[number]
export const stubReasons = ['withheld', 'erased', 'compacted'] as const

/** Whether two events are equal in every byte that travels. */
export function sameEvent(one: LogEvent, other: LogEvent): boolean {
  return (
    one.id === other.id &&
    one.hash === other.hash &&
    one.origin === other.origin &&
    one.sequence === other.sequence &&
    one.stamp === other.stamp &&
    one.stub === other.stub &&
    one.aggregateId === other.aggregateId &&
    one.type === other.type &&
    one.schemaVersion === other.schemaVersion &&
    one.parents.length === other.parents.length &&
    one.parents.every((parent, at) => parent === other.parents[at]) &&
    one.metadataText === other.metadataText &&
    one.dataText === other.dataText
  )
}
