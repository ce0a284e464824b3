import type { LinkedChange, Transport } from '../../contracts/index.ts'
import { fields, type Known } from '../../errors/check.ts'
import { type ChangeLimits, changeLimitsOf } from '../remote/change-limits.ts'
import { stateBase } from '../remote/state-base.ts'
import { stateForm } from '../remote/state-form.ts'
import { defaultStateTransfer, type TransferLimits, transferLimits } from './limits.ts'
import { type NativeClientOptions, nativeClient, nativeClientOptionNames } from './native-client.ts'

/** Where a remote storage of state is and how it is called. */
export interface HttpStateTransportOptions extends NativeClientOptions {
  /** The remote, such as `https://example.org`. Without a path, `/_rejoin/state/<name>` is meant. */
  readonly url: string | URL
  /** The storage's name there. Default `main`. */
  readonly name?: string
  readonly limits?: Partial<Pick<TransferLimits, 'bodyBytes' | 'unpackedBytes'>> & {
    readonly change?: Partial<ChangeLimits>
  }
}

/** A transport to a storage of state that another process serves to links over HTTP; otherwise as `httpTransport`. */
export function httpStateTransport(options: HttpStateTransportOptions): Transport<LinkedChange> {
  const {
    url,
    name,
    limits: given = {},
    ...rest
  } = fields('options', options, opening, httpStateTransportOptionNames)
  const limits = transferLimits(given, defaultStateTransfer, 'change')
  const change = changeLimitsOf(given.change, opening)
  const { remote, calls, isLive } = nativeClient<LinkedChange>(
    { url, home: stateBase(name, opening), limits, form: (runtime) => stateForm(change, runtime) },
    rest,
  )
  const close = () => remote.exchange.close()
  const { subscribe, ...asked } = calls
  return { ...asked, ...(isLive && { subscribe }), close, [Symbol.asyncDispose]: close }
}

const opening = { operation: 'open', component: 'transport/http' }

export const httpStateTransportOptionNames: Known<HttpStateTransportOptions> = {
  url: true,
  name: true,
  limits: true,
  ...nativeClientOptionNames,
}
