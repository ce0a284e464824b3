import { join } from 'node:path'
import type { EventStore } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import type { Logger } from '../../ports/index.ts'
import { serve as listen, type RunningServer } from '../../server/index.ts'
import { openState, type StateTree, stateServer } from '../../state/index.ts'
import { MemoryStateStorage, MemoryStore } from '../../store/memory/index.ts'
import { SqliteStateStorage } from '../../store/sqlite/index.ts'
import { logHandler } from '../../transport/http/index.ts'
import { logSockets } from '../../transport/websocket/index.ts'
import { command } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { makeFolder } from '../files/make-folder.ts'
import { openToWrite } from '../files/open-store.ts'
import { failure } from '../misuse.ts'
import { LateMount, LateState } from '../network/late-mount.ts'
import { defaulted, flag, oneOf, optional, repeated, type Values } from '../options/option.ts'
import { nodeId, port, text, token } from '../options/readers.ts'
import { tokenIn } from '../options/token-in.ts'
import { consoleLogger, logLevels } from '../terminal/console-logger.ts'
import { errorLine } from '../terminal/error-line.ts'

const options = {
  host: defaulted('HOST', 'the address to listen on', '127.0.0.1', text),
  port: defaulted('PORT', 'the port to listen on, 0 for any that is free', '8080', port),
  data: defaulted(
    'FOLDER',
    'where the log lives, as events.db, and state, as state.db',
    './rejoin-data',
    text,
  ),
  memory: flag('keep all of it in memory only; it is gone when the server stops'),
  'node-id': optional('ID', 'the name of a new log; default: drawn at random', nodeId),
  token: repeated('TOKEN', 'let in who shows this token; also from REJOIN_TOKEN', token),
  insecure: flag('let in everybody who can connect'),
  'no-ui': flag('show browsers that open / no page'),
  'log-level': defaulted('LEVEL', 'debug, info, warn or error', 'info', oneOf(...logLevels)),
  'log-format': defaulted('FORMAT', 'pretty or json', 'pretty', oneOf('pretty', 'json')),
}

export const serve = command({
  name: 'serve',
  summary: 'serve an event log that others sync with, and state',
  about: `Serves the log in the data folder over HTTP at /sync, and over WebSockets at /sync/ws, and a live
tree of JSON documents at all other paths, with a page for browsers at /, until it is stopped; SIGTERM and
Ctrl-C let the requests in flight finish. Off this machine it needs a token, or --insecure. Logs go to
stderr.`,
  options,
  examples: [
    'rejoin serve',
    'rejoin serve --host 0.0.0.0 --token "$(openssl rand -hex 24)"',
    'REJOIN_TOKEN=... rejoin serve --data /var/lib/rejoin --log-format json',
  ],
  run,
})

async function run(values: Values<typeof options>, io: CommandIo): Promise<number> {
  const logger = consoleLogger(io.err, {
    level: values['log-level'],
    format: values['log-format'],
  })
  const log = new LateMount()
  const state = new LateState()
  // First, so that nothing is made on disk for a server that can't be.
  const server = await listenOn(values, io, { log, state }, logger)
  try {
    await using store = await storeFor(values, io, logger)
    await using tree = await treeFor(values, io, logger)
    try {
      state.serve(stateServer(tree, { logger, ui: !values['no-ui'] }))
      log.serve(logHandler(store, { logger }), logSockets(store, { logger }))
      await serving(values, io, { store, server, logger })
    } finally {
      // Before what they need: requests in flight.
      await server.close()
      await state.close()
    }
  } finally {
    await server.close()
  }
  logger.info('stopped')
  return 0
}

interface Serving {
  readonly store: EventStore
  readonly server: RunningServer
  readonly logger: Logger
}

/** Until the signal aborts. */
async function serving(
  { memory, data, insecure }: Values<typeof options>,
  io: CommandIo,
  { store, server, logger }: Serving,
): Promise<void> {
  const { node, end } = await store.identity(io.signal)
  await io.out.line(`listening on ${server.url}`)
  const place = memory ? 'memory' : fileIn(data)
  if (insecure) logger.warn('everybody who can connect may read and write all of this')
  logger.info('the log is open', { node, store: place, empty: end === '' })
  await aborted(io.signal)
  logger.info('stopping: requests in flight may finish')
}

async function storeFor(
  values: Values<typeof options>,
  io: CommandIo,
  logger: Logger,
): Promise<EventStore> {
  const node = values['node-id']
  const { signal } = io
  if (values.memory)
    return MemoryStore.open({ logger, signal, ...(node === undefined ? {} : { node }) })
  await makeFolder(values.data)
  return openToWrite(fileIn(values.data), io, { node, logger })
}

/** Its own file: a file is one log or one storage of state. */
async function treeFor(
  { memory, data, 'node-id': id }: Values<typeof options>,
  { signal }: CommandIo,
  logger: Logger,
): Promise<StateTree> {
  const node = id === undefined ? {} : { node: id }
  const storage = memory
    ? await MemoryStateStorage.open({ logger, ...node })
    : await SqliteStateStorage.open({ path: join(data, 'state.db'), logger, signal, ...node })
  return openState({ storage, logger, signal })
}

async function listenOn(
  values: Values<typeof options>,
  { env, signal }: CommandIo,
  { log, state }: { readonly log: LateMount; readonly state: LateState },
  logger: Logger,
): Promise<RunningServer> {
  const { host, port, insecure } = values
  const tokens = [...values.token, ...tokenIn(env)]
  const mounts = { '/sync': log.answer }
  const sockets = { '/sync/ws': log.sockets }
  try {
    return await listen({ mounts, sockets, state, host, port, tokens, insecure, logger, signal })
  } catch (error) {
    if (!(error instanceof RejoinError) || error.code !== 'invalid_argument') throw error
    throw failure('unavailable', refusal(error, host), error)
  }
}

function refusal(error: RejoinError, host: string): string {
  return error.details.errno === undefined
    ? `${host} can be reached from other machines: ask for a token with --token, or let everybody in with --insecure`
    : `${errorLine(error)}; choose another with --port or --host`
}

function fileIn(folder: string): string {
  return join(folder, 'events.db')
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
