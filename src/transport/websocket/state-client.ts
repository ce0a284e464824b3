import type { LinkedChange, Transport } from '../../contracts/index.ts'
import { fields, type Known, optionalFunction } from '../../errors/check.ts'
import { type ChangeLimits, changeLimitsOf } from '../remote/change-limits.ts'
import { stateBase } from '../remote/state-base.ts'
import { stateForm } from '../remote/state-form.ts'
import {
  type NativeSocketOptions,
  nativeSocketOptionNames,
  nativeSocketTransport,
} from './native-client.ts'

/** Where a remote storage of state is and how its WebSocket is used. */
export interface WebSocketStateTransportOptions extends NativeSocketOptions {
  /** Such as `wss://example.org`; without a path, `/_rejoin/state/<name>/ws` is meant. */
  readonly url: string | URL
  /** The storage's name there. Default `main`. */
  readonly name?: string
  readonly limits?: { readonly change?: Partial<ChangeLimits> }
  /** Asked at each connection: the name of the cluster that this server is of, which travels as a subprotocol. */
  readonly cluster?: () => Promise<string | undefined>
}

/**
 * A transport to a storage of state that another process serves to links over a WebSocket; otherwise as
 * `webSocketTransport`.
 */
export function webSocketStateTransport(
  options: WebSocketStateTransportOptions,
): Transport<LinkedChange> {
  const {
    url,
    name,
    limits = {},
    cluster,
    ...rest
  } = fields('options', options, opening, webSocketStateTransportOptionNames)
  const change = changeLimitsOf(fields('limits', limits, opening, { change: true }).change, opening)
  const form = (runtime: Parameters<typeof stateForm>[1]) => stateForm(change, runtime)
  const home = `${stateBase(name, opening)}/ws`
  optionalFunction('cluster', cluster, opening)
  return nativeSocketTransport({ url, home, form, ...(cluster && { cluster }) }, rest)
}

const opening = { operation: 'open', component: 'transport/websocket' }

const webSocketStateTransportOptionNames: Known<WebSocketStateTransportOptions> = {
  url: true,
  name: true,
  limits: true,
  cluster: true,
  ...nativeSocketOptionNames,
}
