import type { Stamp } from '../../clock/index.ts'
import { type ContentHash, LogEvent, stubReasons } from '../../event/index.ts'
import type { Connection, SqliteValue, Row as SqlRow } from '../../sqlite/index.ts'
import type { Position } from '../../version/index.ts'
import type { Row } from '../log/index.ts'
import type { Aggregates } from './aggregates.ts'
import type { EventSql } from './event-sql.ts'
import { idKey, idOf, parentsKey, parentsOf } from './keys.ts'
import type { Origins } from './origins.ts'
import type { Types } from './types.ts'

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

  read(db: Connection, row: SqlRow): Row {
    const { type, origin, via, stub } = row
    const event = new LogEvent({
      id: idOf(row.id as string),
      origin: origin === null ? null : this.#origins.name(db, Number(origin)),
      sequence: row.sequence as bigint,
      stamp: row.stamp as Stamp,
      parents: parentsOf(row.parents as SqliteValue),
      aggregateId: this.#aggregates.name(db, Number(row.aggregate)),
      type: type === null ? '' : this.#types.name(db, Number(type)),
      schemaVersion: Number(row.schema),
      hash: row.hash as ContentHash | '',
      metadataText: row.metadata as string,
      dataText: row.data as string,
      stub: stub === null ? null : (stubReasons[Number(stub) - 1] as LogEvent['stub']),
    })
    return { position: row.position as Position, event, via: via === null ? null : Number(via) }
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
