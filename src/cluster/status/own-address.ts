import { RejoinError } from '../../errors/index.ts'
import { withDeadline } from '../../runtime/index.ts'
import { untilAborted } from '../../transport/remote/index.ts'
import { at } from '../configuration/check-options.ts'
import type { Membership } from '../membership/membership.ts'

/**
 * Who answers at a server's own address: itself, another server, or nobody who can be called from here. The last may be
 * no fault: behind some gateways nobody reaches himself by the address that all others have.
 */
export type AtOwnAddress =
  | { readonly kind: 'self' }
  /** `node`: its node id, if it is of our own kind. */
  | { readonly kind: 'another'; readonly address: string; readonly node?: string }
  | { readonly kind: 'nobody'; readonly address: string; readonly error: RejoinError }

/** Calls this server's own address, as the others do; `undefined` where it has none. Rejects with the signal's reason. */
export async function atOwnAddress(
  { settings, instance }: Membership,
  signal?: AbortSignal,
): Promise<AtOwnAddress | undefined> {
  const { address, network, runtime, probeTimeout } = settings
  if (address === undefined) return undefined
  const late = () => new RejoinError('timeout', `no answer within ${probeTimeout} ms`, where)
  try {
    const { rejoin } = await withDeadline(runtime, probeTimeout, signal, late, (inner) =>
      untilAborted(inner, network.about(address, inner)),
    )
    if (rejoin?.instance === instance) return { kind: 'self' }
    return { kind: 'another', address, ...(rejoin && { node: rejoin.node }) }
  } catch (cause) {
    signal?.throwIfAborted()
    return { kind: 'nobody', address, error: RejoinError.from(cause, where) }
  }
}

type Another = Extract<AtOwnAddress, { readonly kind: 'another' }>

/** For a promotion: all others would follow that one. */
export function addressTaken(there: Another): RejoinError {
  const { address } = there
  const message = `another server, ${nameOf(there)}, answers at ${address}, the address of this one, and the others would follow it: give each server an address of its own (rejoin serve --advertise)`
  return new RejoinError('invalid_argument', message, { ...at('promote'), details: { address } })
}

export function nameOf({ node = 'a server of pivot' }: Another): string {
  return node
}

const where = at('probe')
