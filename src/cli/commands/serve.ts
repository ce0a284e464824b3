import type { EventStore } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import type { Logger } from '../../ports/index.ts'
import { serve as listen, type RunningServer } from '../../server/serve.ts'
import { stateServer } from '../../state/server/state-server.ts'
import { logHandler } from '../../transport/http/handler.ts'
import { logSockets } from '../../transport/websocket/server.ts'
import { clusterOptions } from '../cluster/cluster-options.ts'
import { clusterPlan } from '../cluster/cluster-plan.ts'
import { ephemeralStatus } from '../cluster/published-status.ts'
import type { Part } from '../cluster/take-part.ts'
import { command } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { logFile, openServedLog, openServedTree } from '../files/served-data.ts'
import { failure } from '../misuse.ts'
import { LateCluster, LateMount, LateState } from '../network/late-mount.ts'
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
    'where the log is, events.db, and state, state.db',
    './rejoin-data',
    text,
  ),
  memory: flag('keep all of it in memory only; it is gone when the server stops'),
  'node-id': optional('ID', 'the name of a new log; default: drawn at random', nodeId),
  ...clusterOptions,
  token: repeated('TOKEN', 'let in who shows this token; also from REJOIN_TOKEN', token),
  insecure: flag('let in everybody who can connect'),
  'no-ui': flag('show browsers that open / no page'),
  'log-level': defaulted('LEVEL', 'debug, info, warn or error', 'info', oneOf(...logLevels)),
  'log-format': defaulted('FORMAT', 'pretty or json', 'pretty', oneOf('pretty', 'json')),
}

export const serve = command({
  name: 'serve',
  about: `Serves the log in the data folder over HTTP at /sync, and over WebSockets at /sync/ws, and a live
tree of JSON documents at all other paths, with a page for browsers at /, until it is stopped; SIGTERM and
Ctrl-C let the requests in flight finish. Off this machine it needs a token, or --insecure. Logs go to
stderr.

With --key it shares parts of the tree with other servers, each of which goes on reading and writing
whatever happens to the others: as their leader, or with --leader as a member. A key with another leader
than the rest is given as KEY=HOST:PORT. --advertise is this server's own address, as the others have it:
it writes it under --nodes-key, where they find it, and can be promoted. Its token, the first if there are
several, is shown to the others as well. See rejoin cluster status, and subscribe to pivot/status.`,
  options,
  examples: [
    'rejoin serve',
    'rejoin serve --host 0.0.0.0 --token "$(openssl rand -hex 24)"',
    'REJOIN_TOKEN=... rejoin serve --data /var/lib/rejoin --log-format json',
    "rejoin serve --key 'users/*' --key settings --nodes-key 'things/*'",
    "rejoin serve --port 8081 --leader 127.0.0.1:8080 --key 'users/*' --key settings --nodes-key 'things/*' --advertise 127.0.0.1:8081",
  ],
  run,
})

async function run(values: Values<typeof options>, io: CommandIo): Promise<number> {
  const plan = clusterPlan(values)
  const logger = consoleLogger(io.err, {
    level: values['log-level'],
    format: values['log-format'],
  })
  const tokens = [...values.token, ...tokenIn(io.env)]
  const late = {
    log: new LateMount(),
    state: new LateState(),
    ...(plan && { cluster: new LateCluster() }),
  }
  // First, so that nothing is made on disk for a server that can't be.
  const server = await listenOn(values, io, { late, tokens, logger })
  try {
    await using store = await openServedLog(values, io, logger)
    const ephemeral = plan ? ephemeralStatus : {}
    await using tree = await openServedTree(values, io, { logger, ephemeral })
    let part: Part | undefined
    try {
      if (plan !== undefined) {
        const { takePart } = await import('../cluster/take-part.ts')
        part = await takePart({ tree, plan, token: tokens[0], logger, signal: io.signal })
        late.cluster?.serve(part.server)
      }
      late.state.serve(stateServer(tree, { logger, ui: !values['no-ui'], ...part?.forState }))
      late.log.serve(logHandler(store, { logger }), logSockets(store, { logger }))
      await serving(values, io, { store, server, part, logger })
    } finally {
      // Requests in flight before what they need; and what they write goes to the other servers.
      await server.close()
      await part?.close()
      await late.state.close()
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
  readonly part: Part | undefined
  readonly logger: Logger
}

/** Until the signal aborts. */
async function serving(
  { memory, data, insecure }: Values<typeof options>,
  io: CommandIo,
  { store, server, part, logger }: Serving,
): Promise<void> {
  const { node, end } = await store.identity(io.signal)
  await io.out.line(`listening on ${server.url}`)
  const place = memory ? 'memory' : logFile(data)
  if (insecure) logger.warn('everybody who can connect may read and write all of this')
  logger.info('the log is open', { node, store: place, empty: end === '' })
  await part?.begin()
  await aborted(io.signal)
  logger.info('stopping: requests in flight may finish')
}

interface Listening {
  readonly late: {
    readonly log: LateMount
    readonly state: LateState
    readonly cluster?: LateCluster
  }
  readonly tokens: readonly string[]
  readonly logger: Logger
}

async function listenOn(
  { host, port, insecure }: Values<typeof options>,
  { signal }: CommandIo,
  { late, tokens, logger }: Listening,
): Promise<RunningServer> {
  const { log, ...rest } = late
  const mounts = { '/sync': log.answer }
  const sockets = { '/sync/ws': log.sockets }
  try {
    return await listen({ mounts, sockets, ...rest, host, port, tokens, insecure, logger, signal })
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

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
