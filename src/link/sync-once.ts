import { RejoinError } from '../errors/index.ts'
import { silentLogger } from '../ports/index.ts'
import { systemRuntime } from '../runtime/index.ts'
import type { Change } from './change.ts'
import { type BatchChoice, checkLinkOptions } from './check-link-options.ts'
import { pushOn } from './going-on.ts'
import type { LinkOptions } from './link-options.ts'
import type { Outcome } from './outcome.ts'
import { parkedError } from './parked.ts'
import { pull } from './pull.ts'
import { type LinkResult, Tally } from './result.ts'
import { Scanned } from './scanned.ts'
import { greet, type Session } from './session.ts'

/** Who is told of each greeting: how both ends stand then is where a stream goes on. */
export interface Greetings<C extends Change> {
  readonly onGreeting?: () => void
  readonly onGreeted?: (session: Session<C>) => void
  /** What the link that is greeted for has seen of our log. */
  readonly scanned?: Scanned
}

/**
 * Syncs a replica with a remote once:
 *
 *     hello ──▶ agreed ──▶ push ∥ pull ──▶ done
 *       ▲                      │
 *       └──── again ◀──────────┘   a copy, a restored backup, a remote that lost something
 *
 * A push that is refused because the remote's record of us has moved goes on from there: src/link/going-on.ts.
 *
 * Remote trouble is in the result's `errors`, and everything up to it is kept; only an abort and misuse
 * reject. Any number of these may run at once on one replica, in any processes.
 */
export async function syncOnce<C extends Change>(
  options: LinkOptions<C>,
  signal: AbortSignal = new AbortController().signal,
  greetings: Greetings<C> = {},
): Promise<LinkResult> {
  const choice = checkLinkOptions(options, signal)
  signal.throwIfAborted()
  const tally = new Tally(options.onProgress)
  try {
    await greetAndMove({ ...options, ...choice, ...greetings }, tally, signal)
  } catch (cause) {
    if (signal.aborted) throw signal.reason
    const error = asError(cause)
    if (error.code === 'closed') throw error
    tally.errors.push(error)
  }
  return tally.result()
}

async function greetAndMove<C extends Change>(
  options: LinkOptions<C> & BatchChoice & Greetings<C>,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const { replica, transport, batch, adapts, filter } = options
  const { logger = silentLogger, runtime = systemRuntime, scanned = new Scanned() } = options
  const { push: pushes, pull: pulls } = options.directions ?? { push: true, pull: true }
  const fixed = { replica, transport, logger, runtime, batch, adapts, filter, scanned }
  for (let greeting = 0; greeting < mostGreetings; greeting++) {
    options.onGreeting?.()
    const session = await greet({ ...fixed, signal, tally })
    if (session === 'again') continue
    options.onGreeted?.(session)
    const outcomes = await Promise.allSettled([
      pushes && session.takesPushes ? pushAll(session) : 'done',
      pulls ? pull(session) : 'done',
    ])
    const failures = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    if (failures.length > 0) {
      tally.errors.push(...failures.slice(1).map(asError))
      throw failures[0]
    }
    const settled = outcomes.every((one) => one.status === 'fulfilled' && one.value === 'done')
    if (settled && (await introduce(session)) === 'done') {
      const refused = await parkedError(replica, session.peer, signal)
      if (refused !== undefined) tally.errors.push(refused)
      return
    }
  }
  throw new RejoinError(
    'unsettled',
    `the remote and this replica kept finding each other changed`,
    {
      operation: 'sync',
      component: 'link',
      details: { greetings: mostGreetings },
    },
  )
}

/** A link that has started over meanwhile pulls from the start, too. */
async function pushAll<C extends Change>(greeted: Session<C>): Promise<Outcome> {
  const { outcome, session } = await pushOn(greeted)
  return session.state.generation === greeted.state.generation ? outcome : 'again'
}

/**
 * Who has read for the first time may not come back for long: the remote is told at once. Of others it has heard, and
 * hears the rest with their next greeting.
 */
async function introduce<C extends Change>({ telling, signal }: Session<C>): Promise<Outcome> {
  return telling.isFirst ? telling.tell(signal) : 'done'
}

function asError(cause: unknown): RejoinError {
  return RejoinError.from(cause, { operation: 'sync', component: 'link' })
}

const mostGreetings = 10
