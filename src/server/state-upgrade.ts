import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { fields, type Known, optionalLogger, withMethods } from '../errors/check.ts'
import { type Logger, silentLogger } from '../ports/index.ts'
import type { StateServer } from '../state/index.ts'
import type { NodeUpgrade } from './node-upgrade.ts'
import { stateSocketServer } from './state-sockets.ts'

export interface StateUpgradeOptions {
  readonly logger?: Logger
}

/**
 * Lets `stateServer(tree)` accept the WebSockets of a `node:http` server of your own, beside
 * `nodeHandler(state.handle)`. It takes every socket that it is given: ask for the path before. Who may come in
 * is for the server's `cors` and `onSubscribe` to say. Throws `invalid_argument` for options that make no sense.
 */
export function stateUpgrade(served: StateServer, options: StateUpgradeOptions = {}): NodeUpgrade {
  withMethods('state', served, ['admit'], 'what stateServer gives', making)
  const { logger = silentLogger } = fields('options', options, making, stateUpgradeOptionNames)
  optionalLogger(options.logger, making)
  const sockets = stateSocketServer({ served, door: () => undefined, logger })
  const upgrade = (message: IncomingMessage, socket: Duplex, head: Buffer) =>
    sockets.upgrade(message, socket, head)
  return Object.assign(upgrade, { close: () => sockets.close() })
}

const making = { operation: 'open', component: 'server' }

const stateUpgradeOptionNames: Known<StateUpgradeOptions> = { logger: true }
