import type { Standing } from '../contracts/index.ts'
import type { Change } from './change.ts'
import type { Outcome } from './outcome.ts'
import { type PushManner, push } from './push.ts'
import type { Session } from './session.ts'

/**
 * Pushes, and when the remote's record of us ends elsewhere than we thought, goes on from where it says:
 *
 *     push ──▶ done
 *      ▲ │ reset, with what the remote has of us
 *      │ ▼
 *     held against what we are ──▶ again   it is another remote, we are a copy, or it says nothing: greet
 *
 * The session is the one that it ended with: of another generation when the remote has less than it confirmed.
 */
export async function pushOn<C extends Change>(
  first: Session<C>,
  how: PushManner = {},
): Promise<{ readonly outcome: Outcome; readonly session: Session<C> }> {
  let session = first
  for (let tries = 1; ; tries++) {
    const outcome = await push(session, how)
    const { standing } = session
    if (outcome === 'done' || standing === undefined || tries === mostTries)
      return { outcome, session }
    const next = await goOn(session, standing)
    if (next === 'again') return { outcome: 'again', session }
    session = next
  }
}

/** What was pushed since goes by another session; `again`: only a greeting helps. */
async function goOn<C extends Change>(
  { standing: _, ...session }: Session<C>,
  { origin: who, you }: Standing,
): Promise<Session<C> | 'again'> {
  const { replica, peer, origin, signal, logger } = session
  if (who !== peer) return 'again'
  const told = { ...you, asked: session.confirmed }
  const confirmation = await replica.confirm(peer, origin, told, signal)
  if (confirmation === 'renewed' || confirmation === 'overtaken') return 'again'
  if (confirmation === 'reset')
    logger.warn('the remote lost what it had confirmed; the link starts over', { remote: peer })
  return { ...session, state: await replica.link(peer, signal), received: you.received }
}

/** Others push the same log all the time; that one of them always comes first is no trouble, only unlikely. */
const mostTries = 5
