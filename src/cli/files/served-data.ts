import { join } from 'node:path'
import type { EventStore } from '../../contracts/index.ts'
import type { Logger } from '../../ports/index.ts'
import { openState, type StateOptions } from '../../state/open-state.ts'
import type { StateTree } from '../../state/state-tree.ts'
import { MemoryStateStorage, MemoryStore } from '../../store/memory/index.ts'
import { SqliteStateStorage } from '../../store/sqlite/state/sqlite-state-storage.ts'
import type { CommandIo } from '../command-io.ts'
import { makeFolder } from './make-folder.ts'
import { openToWrite } from './open-store.ts'

/** Where a server keeps its data, and what a new log is called. */
export interface DataPlace {
  readonly memory: boolean
  /** The folder. */
  readonly data: string
  readonly 'node-id': string | undefined
}

export async function openServedLog(
  { memory, data, 'node-id': node }: DataPlace,
  io: CommandIo,
  logger: Logger,
): Promise<EventStore> {
  const { signal } = io
  if (memory) return MemoryStore.open({ logger, signal, ...(node === undefined ? {} : { node }) })
  await makeFolder(data)
  return openToWrite(logFile(data), io, { node, logger })
}

/** Its own file: a file is one log or one storage of state. */
export async function openServedTree(
  { memory, data, 'node-id': id }: DataPlace,
  { signal }: CommandIo,
  { logger, ephemeral = {} }: Pick<StateOptions, 'ephemeral'> & { readonly logger: Logger },
): Promise<StateTree> {
  const node = id === undefined ? {} : { node: id }
  const storage = memory
    ? await MemoryStateStorage.open({ logger, ...node })
    : await SqliteStateStorage.open({ path: join(data, 'state.db'), logger, signal, ...node })
  return openState({ storage, ephemeral, logger, signal })
}

export function logFile(folder: string): string {
  return join(folder, 'events.db')
}
