import type { ReaderEntry } from '../../sqlite/index.ts'
// Past the rooms' entrances: a thread loads what it needs and no more.
import { serveReads } from '../../sqlite/serve-reads.ts'
import { answerPage } from '../log/page-request.ts'
import { packPage } from './packed-page.ts'
import { type PackedRequest, unpackRequest } from './packed-request.ts'
import { SqliteTables } from './sqlite-tables.ts'

/** What a thread does that reads a log's pages. */
export const logReader: ReaderEntry = { module: import.meta.url, serve: serveLogReads.name }

/** The whole life of such a thread: it answers every `PackedRequest` with a `PackedPage`. */
export function serveLogReads(): void {
  serveReads(() => {
    const tables = new SqliteTables()
    let version: unknown
    return (db, request) => {
      tables.use(db)
      const current = db.get('PRAGMA data_version')?.data_version
      // What is cached holds only as long as nobody has committed.
      if (current !== version) tables.forget()
      version = current
      return packPage(answerPage(tables, unpackRequest(request as PackedRequest)))
    }
  })
}
