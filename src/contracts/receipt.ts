import type { EventId } from '../event/index.ts'

/**
 * What became of one pushed change.
 *
 * - `stored`, `duplicate`, `filled` (a stub got its content, or an event without causality its header, or
 *   content was erased): it is there, durably.
 * - `rejected`: it is not there and the link goes on without it; `retryable` when time may heal it.
 * - `missing`: its parents are unknown there; send them first.
 * - `forked`: the sender's origin has another change at this sequence: the sender is a copy or an older
 *   backup, must take a new origin and say hello again.
 */
export type Receipt =
  | { readonly kind: 'stored' }
  | { readonly kind: 'filled' }
  | { readonly kind: 'duplicate' }
  | {
      readonly kind: 'rejected'
      readonly reason: RejectReason
      readonly message: string
      readonly retryable: boolean
    }
  | { readonly kind: 'missing'; readonly parents: readonly EventId[] }
  | { readonly kind: 'forked' }

/**
 * `invalid`: breaks a rule. `id_conflict`: the id is known with other content. `clock`: its stamp is a
 * day or more ahead of the receiver, and not just above what stands there. `parent_rejected`: parked because an
 * ancestor is. `unconfirmed`: the remote said yes to it, and it was not found there afterwards.
 */
export type RejectReason = 'invalid' | 'id_conflict' | 'clock' | 'parent_rejected' | 'unconfirmed'

/**
 * A change that a remote refused: kept, visible, offered again at the next sync. Or, `unreadable`, one that
 * stands in the remote's log and can't be read here, where it never was; of state also one that can't be taken in.
 */
export interface Parked {
  readonly id: EventId
  readonly reason: RejectReason | 'unreadable'
  readonly message: string
}
