import type { Stamp } from '../../clock/index.ts'
import { type ContentHash, LogEvent, stubReasons } from '../../event/index.ts'
import type { Connection } from '../../sqlite/index.ts'
import type { Position } from '../../version/index.ts'
import type { Row } from '../log/index.ts'
import type { Aggregates } from './aggregates.ts'
import type { EventSql } from './event-sql.ts'
import { idKey, idOf, parentsKey, parentsOf } from './keys.ts'
import type { Origins } from './origins.ts'
import type { Types } from './types.ts'

/** What `EventSql.byId` and `EventSql.scan` give of a row, in their order. */
export type Columns = readonly [
  position: Position,
  id: string,
  aggregate: bigint,
  type: bigint | null,
  origin: bigint | null,
  sequence: bigint,
  stamp: Stamp,
  parents: string | null,
  schema: bigint,
  hash: ContentHash | '',
  metadata: string,
  data: string,
  via: bigint | null,
  stub: bigint | null,
]

/** Turns rows of the table of events into events and back. */
export class Rows {
  readonly #sql: EventSql
  readonly #aggregates: Aggregates
  readonly #types: Types
  readonly #origins: Origins

  constructor(sql: EventSql, aggregates: Aggregates, types: Types, origins: Origins) {
    this.#sql = sql
    this.#aggregates = aggregates
    this.#types = types
    this.#origins = origins
  }

  read(db: Connection, columns: Columns): Row {
    // biome-ignore format: one line
    const [position, id, aggregate, type, origin, sequence, stamp, parents, schema, hash, metadata, data, via, stub] = columns
    const event = new LogEvent({
      id: idOf(id),
      origin: origin === null ? null : this.#origins.name(db, Number(origin)),
      sequence,
      stamp,
      parents: parentsOf(parents),
      aggregateId: this.#aggregates.name(db, Number(aggregate)),
      type: type === null ? '' : this.#types.name(db, Number(type)),
      schemaVersion: Number(schema),
      hash,
      metadataText: metadata,
      dataText: data,
      stub: stub === null ? null : (stubReasons[Number(stub) - 1] as LogEvent['stub']),
    })
    return { position, event, via: via === null ? null : Number(via) }
  }

  /** `false` when the id is known. */
  insert(db: Connection, { position, event, via }: Row, aggregate: number): boolean {
    const { origin, type, stub } = event
    const { changes } = db
      .prepare(this.#sql.insert)
      .run(
        position,
        idKey(event.id),
        aggregate,
        stub === null ? this.#types.keyOrNew(db, type) : null,
        origin === null ? null : this.#origins.findOrNew(db, origin).key,
        event.sequence,
        event.stamp,
        parentsKey(event.parents),
        event.schemaVersion,
        event.hash,
        event.metadataText,
        event.dataText,
        via,
        stub === null ? null : stubReasons.indexOf(stub) + 1,
      )
    return changes === 1
  }
}
