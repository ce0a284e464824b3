import type { RequestListener } from 'node:http'
import {
  fields,
  type Known,
  optionalLogger,
  timerTime,
  unwanted,
  wholeNumber,
} from '../errors/check.ts'
import { type Logger, silentLogger } from '../ports/index.ts'
import { type Runtime, systemRuntime } from '../runtime/index.ts'
import { plainOf } from '../transport/http/plain.ts'
import { type Mount, nodeListener } from './node-listener.ts'
import { Outgoing } from './outgoing.ts'

/** How much a handler that answers Node's requests holds for readers that are slow. */
export interface NodeHandlerOptions {
  /** What all answers under way may hold together; beyond it the slowest reader is dropped. Default 256 MiB. */
  readonly answerBytes?: number
  /** Milliseconds in which a reader must take something of its answer. Default 30,000. */
  readonly answerStall?: number
  readonly logger?: Logger
  readonly runtime?: Runtime
}

/**
 * Lets a fetch handler such as `logHandler(store)` answer requests of `node:http`, and so of Express,
 * Fastify and whatever else stands on it; a prefix that Express takes off the path is put back. Bodies are streamed both ways: nothing before it may have read the
 * request's, as `express.json()` does. Unlike `serve` it asks nobody for a token and checks no Host header:
 * give the handler an `authorize`, or put it behind your own. Throws `invalid_argument` for options that
 * make no sense.
 */
export function nodeHandler(handler: Mount, options: NodeHandlerOptions = {}): RequestListener {
  if (typeof handler !== 'function')
    throw unwanted('handler', handler, 'a function from Request to Response', making)
  const { answerBytes = 256 * 1024 * 1024, answerStall = 30_000 } = fields(
    'options',
    options,
    making,
    nodeHandlerOptionNames,
  )
  optionalLogger(options.logger, making)
  const runtime = options.runtime ?? systemRuntime
  const limits = {
    bytes: wholeNumber('answerBytes', answerBytes, making, { from: 1 }),
    stall: timerTime('answerStall', answerStall, making),
  }
  return nodeListener({
    handle: plainOf(handler),
    logger: options.logger ?? silentLogger,
    runtime,
    outgoing: new Outgoing(limits, runtime),
    closing: new AbortController().signal,
    onAnswered: () => {},
  })
}

const making = { operation: 'open', component: 'server' }

const nodeHandlerOptionNames: Known<NodeHandlerOptions> = {
  answerBytes: true,
  answerStall: true,
  logger: true,
  runtime: true,
}
