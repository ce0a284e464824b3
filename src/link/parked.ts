import type { Parked, Replica } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import type { LinkId } from '../event/index.ts'

/** One error for all that one side refuses of the other, as long as it does; `undefined` for nothing. */
export async function parkedError<C>(
  replica: Replica<C>,
  peer: LinkId,
  signal: AbortSignal,
): Promise<RejoinError | undefined> {
  const { parked } = await replica.link(peer, signal)
  if (parked.length === 0) return undefined
  const shown = parked.slice(0, 5).map((one) => `${one.id}: ${one.message}`)
  const more = parked.length > shown.length ? `; and ${parked.length - shown.length} more` : ''
  const what = parked.length === 1 ? '1 event is' : `${parked.length} events are`
  const message = `${what} refused: ${shown.join('; ')}${more}`
  return new RejoinError('rejected', message, {
    operation: 'sync',
    component: 'link',
    retryable: parked.every(mayHeal),
    details: { count: parked.length, ids: parked.slice(0, 100).map((one) => one.id) },
  })
}

/** A clock that leads is caught up with by time; a child waits for its ancestor; what got lost is sent again. */
function mayHeal({ reason }: Parked): boolean {
  return reason === 'clock' || reason === 'parent_rejected' || reason === 'unconfirmed'
}
