import { createRequire } from 'node:module'

// Not imports: the peers are only there once somebody has asked for them, and bring no types we need.
const require = createRequire(import.meta.url)

export interface Emmett {
  getSQLiteEventStore(options: { readonly fileName: string }): {
    appendToStream(
      stream: string,
      events: readonly { readonly type: string; readonly data: unknown }[],
    ): Promise<unknown>
  }
  sqliteConnection(options: { readonly fileName: string }): {
    querySingle(sql: string): Promise<Readonly<Record<string, string | number>> | null>
    close(): void
  }
}

export interface Pouch {
  new (name: string, options?: PouchOptions): PouchDatabase
  defaults(options: PouchOptions & { readonly prefix: string }): Pouch
}

export interface PouchDatabase {
  info(): Promise<{ readonly doc_count: number }>
  bulkDocs(documents: readonly PouchDocument[]): Promise<readonly { readonly error?: unknown }[]>
  readonly replicate: Readonly<Record<'from' | 'to', Replicate>>
  close(): Promise<void>
}

export interface PouchDocument {
  readonly _id: string
  readonly type: string
  readonly aggregateId: string
  readonly data: unknown
}

export interface PouchOptions {
  /** What it keeps its data with. */
  readonly db?: LevelDown
}

type Replicate = (
  url: string,
  options: { readonly batch_size: number },
) => Promise<{ readonly ok: boolean; readonly docs_written: number }>

export interface LevelDown {
  (location: string): Level
  destroy(location: string, done: (error?: Error) => void): void
}

export interface Level {
  _batch(operations: unknown, options: { sync?: boolean }, done: (error?: Error) => void): void
  _put(
    key: unknown,
    value: unknown,
    options: { sync?: boolean },
    done: (error?: Error) => void,
  ): void
}

/** Serves the databases of a PouchDB as CouchDB does. */
export type ExpressPouch = (
  pouch: Pouch,
  options: {
    readonly mode: 'minimumForPouchDB'
    readonly overrideMode: { readonly exclude: readonly string[] }
    readonly inMemoryConfig: boolean
  },
) => import('node:http').RequestListener

export interface SocketIo {
  readonly Server: new (
    server: import('node:http').Server,
    options: { readonly transports: readonly string[]; readonly pingInterval: number },
  ) => SocketIoServer
}

export interface SocketIoServer {
  emit(event: string, data: unknown): void
  close(): Promise<void>
}

export interface Hocuspocus {
  readonly Server: new (
    options: Readonly<Record<string, string | number | boolean>>,
  ) => HocuspocusServer
}

export interface HocuspocusServer {
  readonly httpServer: import('node:http').Server
  readonly hocuspocus: {
    openDirectConnection(document: string): Promise<{
      transact(change: (document: YjsDocument) => void): Promise<void>
      disconnect(): Promise<void>
    }>
  }
  listen(): Promise<unknown>
  destroy(): Promise<void>
}

interface YjsDocument {
  getMap(name: string): { set(key: string, value: unknown): void }
}

export function hocuspocus(): Hocuspocus {
  return require('@hocuspocus/server') as Hocuspocus
}

export function socketIo(): SocketIo {
  return require('socket.io') as SocketIo
}

export function emmett(): Emmett {
  return require('@event-driven-io/emmett-sqlite') as Emmett
}

export function pouch(): Pouch {
  return require('pouchdb') as Pouch
}

export function levelDown(): LevelDown {
  return require('leveldown') as LevelDown
}

export function expressPouch(): ExpressPouch {
  return require('express-pouchdb') as ExpressPouch
}
