import type { ReaderEntry } from '../../sqlite/index.ts'
// Past the rooms' entrances: a thread loads what it needs and no more.
import { serveReads } from '../../sqlite/serve-reads.ts'
import { answerPage } from '../log/page-request.ts'
import { packPage } from './packed-page.ts'
import { type PackedRequest, unpackRequest } from './packed-request.ts'
import { eventsTable } from './schema.ts'
import { SqliteTables } from './sqlite-tables.ts'

/** What a thread does that reads a log's pages. */
export const logReader: ReaderEntry = { module: import.meta.url, serve: serveLogReads.name }

/** The whole life of such a thread: it answers every `PackedRequest` with a `PackedPage`. */
export function serveLogReads(): void {
  serveReads((db) => {
    const tables = new SqliteTables(eventsTable(db))
    let version: unknown
    return (tx, request) => {
      tables.use(tx)
      const current = tx.get('PRAGMA data_version')?.data_version
      // What is cached holds only as long as nobody has committed.
      if (current !== version) tables.forget()
      version = current
      return packPage(answerPage(tables, unpackRequest(request as PackedRequest)))
    }
  })
}
