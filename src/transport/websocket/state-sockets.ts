import type { LinkedChange, Replica } from '../../contracts/index.ts'
import { fields, type Known } from '../../errors/check.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { type ChangeLimits, changeLimitsOf } from '../remote/change-limits.ts'
import { stateForm } from '../remote/state-form.ts'
import { type ConnectionLimits, connectionLimits, defaultStateConnection } from './limits.ts'
import {
  type NativeSockets,
  type NativeSocketsOptions,
  nativeSockets,
  nativeSocketsOptionNames,
} from './native-server.ts'

/** Who may link with a storage of state over WebSockets, and how much at a time. */
export interface StateLinkSocketsOptions extends NativeSocketsOptions {
  readonly limits?: Partial<ConnectionLimits> & { readonly change?: Partial<ChangeLimits> }
}

/**
 * Serves a storage of state to links over WebSockets, as `logSockets` does a log: mount it at
 * `/_rejoin/state/<name>/ws`, beside its `stateLinkHandler`.
 */
export function stateLinkSockets(
  storage: Replica<LinkedChange>,
  options: StateLinkSocketsOptions = {},
): NativeSockets {
  const { limits: given = {}, runtime = systemRuntime } = fields(
    'options',
    options,
    opening,
    stateLinkSocketsOptionNames,
  )
  const limits = connectionLimits(given, defaultStateConnection, 'change')
  const form = stateForm(changeLimitsOf(given.change, opening), runtime)
  return nativeSockets(storage, { limits, form }, options)
}

const opening = { operation: 'open', component: 'transport/websocket' }

const stateLinkSocketsOptionNames: Known<StateLinkSocketsOptions> = {
  limits: true,
  ...nativeSocketsOptionNames,
}
