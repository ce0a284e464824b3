import {
  abortSignal,
  aFunction,
  fields,
  type Known,
  optionalLogger,
  optionalRuntime,
  text,
  timerTime,
  trueOrFalse,
  unwantedSecret,
  wholeNumber,
  withMethods,
} from '../errors/check.ts'
import { checkOwnNames } from './own-names.ts'
import type { ServeOptions } from './serve-options.ts'

/** Checks what a server is started with, before it listens. The port is looked at where it is used. */
export function checkServeOptions(options: ServeOptions): void {
  const {
    mounts,
    sockets = {},
    state,
    cluster,
    host,
    tokens,
    insecure,
    logger,
    runtime,
    signal,
  } = fields('options', options, where, serveOptionNames)
  for (const [path, mount] of Object.entries(fields('mounts', mounts, where)))
    aFunction(`mounts["${path}"]`, mount, where)
  for (const [path, one] of Object.entries(fields('sockets', sockets, where)))
    withMethods(`sockets["${path}"]`, one, ['accept'], 'what logSockets gives', where)
  if (state !== undefined)
    withMethods('state', state, ['handle', 'admit'], 'what stateServer gives', where)
  if (cluster !== undefined)
    withMethods('cluster', cluster, ['handle', 'sockets'], 'what clusterServer gives', where)
  if (host !== undefined) text('host', host, where)
  if (insecure !== undefined) trueOrFalse('insecure', insecure, where)
  if (state?.reserved)
    checkOwnNames([...Object.keys(mounts), ...Object.keys(sockets)], state.reserved)
  checkTokens(tokens)
  checkNumbers(options)
  optionalLogger(logger, where)
  optionalRuntime(runtime, where)
  abortSignal(signal, where)
}

function checkNumbers({ grace, maxConnections, answerBytes, answerStall }: ServeOptions): void {
  if (grace !== undefined) timerTime('grace', grace, where, 0)
  if (answerStall !== undefined) timerTime('answerStall', answerStall, where)
  if (maxConnections !== undefined)
    wholeNumber('maxConnections', maxConnections, where, { from: 1 })
  if (answerBytes !== undefined) wholeNumber('answerBytes', answerBytes, where, { from: 1 })
}

function checkTokens(tokens: unknown): void {
  if (tokens === undefined) return
  if (!Array.isArray(tokens)) throw unwantedSecret('tokens', tokens, 'a list of strings', where)
  for (const token of tokens)
    if (typeof token !== 'string') throw unwantedSecret('each of tokens', token, 'a string', where)
}

const where = { operation: 'serve', component: 'server' }

const serveOptionNames: Known<ServeOptions> = {
  mounts: true,
  sockets: true,
  state: true,
  cluster: true,
  port: true,
  host: true,
  tokens: true,
  insecure: true,
  grace: true,
  maxConnections: true,
  answerBytes: true,
  answerStall: true,
  logger: true,
  runtime: true,
  signal: true,
}
