import type { LinkedChange, Replica } from '../../contracts/index.ts'
import { fields, type Known } from '../../errors/check.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { type ChangeLimits, changeLimitsOf } from '../remote/change-limits.ts'
import { stateBase } from '../remote/state-base.ts'
import { stateForm } from '../remote/state-form.ts'
import { defaultStateTransfer, type TransferLimits, transferLimits } from './limits.ts'
import {
  type Handler,
  type NativeHandlerOptions,
  nativeHandler,
  nativeHandlerOptionNames,
} from './native-handler.ts'

/** Where links find a storage of state, who may use it and how much at a time. */
export interface StateLinkHandlerOptions extends NativeHandlerOptions {
  /** The storage's name among those that are served. Default `main`. */
  readonly name?: string
  /** The path it is mounted at. Default `/_rejoin/state/<name>`. */
  readonly base?: string
  readonly limits?: Partial<TransferLimits> & { readonly change?: Partial<ChangeLimits> }
}

/**
 * Serves a storage of state to links, over the native protocol: the other end is `stateLinkTransport`. It answers as
 * `logHandler` does. Filters and policies of a tree over this storage don't apply: who may link may read and write
 * all of it.
 */
export function stateLinkHandler(
  storage: Replica<LinkedChange>,
  options: StateLinkHandlerOptions = {},
): Handler {
  const {
    limits: given = {},
    name,
    runtime = systemRuntime,
  } = fields('options', options, opening, stateLinkHandlerOptionNames)
  const base = options.base ?? stateBase(name, opening)
  const limits = transferLimits(given, defaultStateTransfer, 'change')
  const form = stateForm(changeLimitsOf(given.change, opening), runtime)
  return nativeHandler(storage, { base, limits, form }, options)
}

const opening = { operation: 'open', component: 'transport/http' }

const stateLinkHandlerOptionNames: Known<StateLinkHandlerOptions> = {
  name: true,
  base: true,
  limits: true,
  ...nativeHandlerOptionNames,
}
