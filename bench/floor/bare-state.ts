import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { DatabaseSync } from 'node:sqlite'
import { devicePath, deviceText } from '../devices.ts'
import { openTuned } from './tuned-database.ts'

export interface BareStateOptions {
  readonly devices: number
  /** Where each write is a transaction of its own; none: in memory alone. */
  readonly file?: { readonly path: string; readonly durability: 'full' | 'normal' }
}

/** Bare `node:http` in front of a Map. A body is kept as it comes: nobody asks whether it is JSON. */
export async function bareState({ devices, file }: BareStateOptions): Promise<BareState> {
  const held = new Map<string, Row>()
  const tuned = file && openTuned(file.path, file.durability)
  const keep = tuned && keeper(tuned.db)
  let time = BigInt(Date.now()) * 1_000_000n
  const set = (path: string, data: string) => {
    const before = held.get(path)
    const row = { created: before?.created ?? ++time, updated: before ? ++time : 0n, data }
    keep?.(path, row)
    held.set(path, row)
  }
  for (let device = 0; device < devices; device++) set(devicePath(device), deviceText(device))
  const server = createServer((message, response) => {
    const path = (message.url ?? '').slice(1)
    const answer = (text: string) => {
      const headers = { 'content-type': 'application/json', 'content-length': text.length }
      response.writeHead(200, headers).end(text)
    }
    if (message.method === 'GET') return answer(shown(path, held.get(path) as Row))
    bodyOf(message, (body) => {
      set(path, body)
      answer(`{"index":"${indexOf(path)}"}`)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    settings: tuned?.settings ?? {},
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
      tuned?.db.close()
    },
  }
}

export interface BareState {
  readonly url: string
  readonly settings: Readonly<Record<string, string | number>>
  close(): Promise<void>
}

interface Row {
  readonly created: bigint
  readonly updated: bigint
  readonly data: string
}

function keeper(db: DatabaseSync): (path: string, row: Row) => void {
  db.exec('CREATE TABLE rows (path TEXT PRIMARY KEY, created, updated, data) WITHOUT ROWID')
  const [begin, commit] = [db.prepare('BEGIN IMMEDIATE'), db.prepare('COMMIT')]
  const upsert = db.prepare(`INSERT INTO rows VALUES (?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET
    created = excluded.created, updated = excluded.updated, data = excluded.data`)
  return (path, { created, updated, data }) => {
    begin.run()
    upsert.run(path, created, updated, data)
    commit.run()
  }
}

function bodyOf(message: IncomingMessage, done: (body: string) => void): void {
  const chunks: Buffer[] = []
  message.on('data', (chunk: Buffer) => chunks.push(chunk))
  message.on('end', () => done(Buffer.concat(chunks).toString()))
}

function shown(path: string, { created, updated, data }: Row): string {
  return `{"created":${created},"updated":${updated},"index":"${indexOf(path)}","path":"${path}","data":${data}}`
}

function indexOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
