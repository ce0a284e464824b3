import { fields, type Known, text, withMethods } from '../../errors/check.ts'
import { RejoinError } from '../../errors/index.ts'
import { at } from '../where.ts'
import type { QueuedWrite, QueueStorage } from './queue-storage.ts'

export interface IndexedDbQueueOptions {
  /** The database's name; one client to a name. Default `rejoin-queue`. */
  readonly name?: string
  /** Default: the browser's. */
  readonly indexedDB?: GivenIndexedDb
}

/** An `IDBFactory`, where there are types of browsers. */
type GivenIndexedDb = typeof globalThis extends { readonly indexedDB: infer Given }
  ? Given
  : unknown

/**
 * Writes in IndexedDB, for pages and workers: they outlive the page, and a crash of the browser. An `add`
 * resolves once the browser has flushed it, as far as it does that; several made at once are kept in the order
 * of their ids. It opens at the first call, and anew at the next one when the browser has closed it.
 *
 * Rejects with `storage_full` or `storage_io`. Throws `invalid_argument` where there is no IndexedDB. The catch:
 * two pages with one name would send each other's writes. A page that may be open twice holds a Web Lock while
 * it has a client, or gives each its name.
 */
export function indexedDbQueue(
  options: IndexedDbQueueOptions = {},
): QueueStorage & AsyncDisposable {
  const { name = 'rejoin-queue', indexedDB = globalThis.indexedDB } = fields(
    'options',
    options,
    where,
    indexedDbQueueOptionNames,
  )
  text('name', name, where)
  withMethods('indexedDB', indexedDB, ['open'], 'an IDBFactory; there is none here', where)
  let opened: Promise<IDBDatabase> | undefined

  const forget = () => {
    opened = undefined
  }
  const database = () => {
    opened ??= openDatabase(indexedDB, name, forget).catch((cause) => {
      forget()
      throw RejoinError.from(cause, { ...where, code: 'storage_io' })
    })
    return opened
  }
  const change = async (work: (writes: IDBObjectStore) => IDBRequest) => {
    const transaction = (await database()).transaction(store, 'readwrite', { durability: 'strict' })
    work(transaction.objectStore(store))
    await completed(transaction)
  }
  return {
    async all() {
      const reading = (await database()).transaction(store).objectStore(store).getAll()
      return (await result(reading)) as readonly QueuedWrite[]
    },
    add: (write) => change((writes) => writes.add(write)),
    remove: (id) => change((writes) => writes.delete(id)),
    async [Symbol.asyncDispose]() {
      const open = await opened?.catch(() => undefined)
      forget()
      open?.close()
    },
  }
}

async function openDatabase(
  indexedDB: IDBFactory,
  name: string,
  onClosed: () => void,
): Promise<IDBDatabase> {
  const opening = indexedDB.open(name, 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore(store, { keyPath: 'id' })
  const database = await result(opening)
  database.onclose = onClosed
  // Somebody deletes or upgrades it, and would wait for us.
  database.onversionchange = () => {
    database.close()
    onClosed()
  }
  return database
}

function result<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(storageError(request.error))
  })
}

function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(storageError(transaction.error))
  })
}

function storageError(cause: DOMException | null): RejoinError {
  const code = cause?.name === 'QuotaExceededError' ? 'storage_full' : 'storage_io'
  const message = `IndexedDB failed: ${cause?.message || cause?.name || 'the transaction ended'}`
  return new RejoinError(code, message, { ...where, cause })
}

const store = 'writes'
const where = at('queue')

const indexedDbQueueOptionNames: Known<IndexedDbQueueOptions> = { name: true, indexedDB: true }
