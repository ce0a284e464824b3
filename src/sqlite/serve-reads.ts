import { parentPort, workerData } from 'node:worker_threads'
import type { Connection } from './connection.ts'
import { Database } from './database.ts'
import { identityOf } from './file-guard.ts'
import { isCurrent } from './migrate.ts'
import type { Answered, ReaderSeat, Told } from './reader-thread.ts'
import { newer, refusal } from './refusal.ts'
import { thrownBy } from './thrown.ts'

/** Reads one thing within one transaction; what it answers is copied to the other thread. */
export type Read = (db: Connection, request: unknown) => unknown

/**
 * The whole life of a reader's thread. `prepare` is called for each connection: the first one, and another
 * when the main connection has been opened again.
 */
export function serveReads(prepare: (db: Connection) => Read): void {
  const { seat } = workerData as { readonly seat: ReaderSeat }
  const port = parentPort as NonNullable<typeof parentPort>
  let reader: Reader | undefined
  port.on('message', (told: Told) => {
    if (told === 'end') {
      reader?.db.close()
      port.close()
      return
    }
    port.postMessage(
      answered(() => {
        if (reader?.identity !== told.identity) {
          reader?.db.close()
          reader = undefined
          const db = open(seat, told.identity)
          reader = { db, identity: told.identity, read: prepare(db.connection) }
        }
        return answer(reader, told.request)
      }),
    )
  })
}

interface Reader {
  readonly db: Database
  readonly identity: string
  readonly read: Read
}

function answered(work: () => unknown): Answered {
  try {
    return { value: work() }
  } catch (error) {
    return { thrown: thrownBy(error) }
  }
}

function answer({ db, read }: Reader, request: unknown): unknown {
  db.begin()
  try {
    return read(db.connection, request)
  } finally {
    db.rollback()
  }
}

/** Never another file than the main connection's, or what it has acknowledged might not be there. */
function open({ path, way, cacheBytes, schema }: ReaderSeat, identity: string): Database {
  if (identityOf(path, way) !== identity) throw moved(path)
  const db = new Database({ path, way, cacheBytes, durability: 'normal', readonly: true })
  try {
    const { user_version: version } = db.pragma('user_version')
    const known = schema.migrations.length
    if ((version as number) > known) throw newer(path, schema.what, version as number, known)
    if (!isCurrent(db, schema) || identityOf(path, way) !== identity) throw moved(path)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function moved(path: string): Error {
  const message = 'the file or its -wal was moved, replaced or removed while in use'
  return refusal('storage_io', path, `${message}. Put it back, or open it anew`)
}
