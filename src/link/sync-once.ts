import type { Replica, Transport } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import { type Logger, silentLogger } from '../ports/index.ts'
import { pull } from './pull.ts'
import { push } from './push.ts'
import { type LinkProgress, type LinkResult, Tally } from './result.ts'
import { type BatchSize, type Change, greet, type Outcome } from './session.ts'

export type { Change }

export interface LinkOptions<C extends Change> {
  readonly replica: Replica<C>
  readonly transport: Transport<C>
  /** Default both. */
  readonly directions?: { readonly push: boolean; readonly pull: boolean }
  /** Default 1,000 changes, 1 MiB. */
  readonly batch?: Partial<BatchSize>
  readonly logger?: Logger
  readonly onProgress?: (progress: LinkProgress) => void
}

/**
 * Syncs a replica with a remote once:
 *
 *     hello ──▶ agreed ──▶ push ∥ pull ──▶ done
 *       ▲                      │
 *       └──── again ◀──────────┘   a copy, a restored backup, a remote that lost something
 *
 * Remote trouble is in the result's `errors`, and everything up to it is kept; only an abort and misuse
 * reject. Any number of these may run at once on one replica, in any processes.
 */
export async function syncOnce<C extends Change>(
  options: LinkOptions<C>,
  signal: AbortSignal = new AbortController().signal,
): Promise<LinkResult> {
  signal.throwIfAborted()
  const tally = new Tally(options.onProgress)
  try {
    await greetAndMove(options, tally, signal)
  } catch (cause) {
    if (signal.aborted) throw signal.reason
    const error = asError(cause)
    if (error.code === 'closed') throw error
    tally.errors.push(error)
  }
  return tally.result()
}

async function greetAndMove<C extends Change>(
  options: LinkOptions<C>,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const { replica, transport, logger = silentLogger } = options
  const { push: pushes, pull: pulls } = options.directions ?? { push: true, pull: true }
  const batch = { count: 1_000, bytes: 1024 * 1024, ...options.batch }
  for (let greeting = 0; greeting < mostGreetings; greeting++) {
    const session = await greet({ replica, transport, logger, signal, tally, batch })
    if (session === 'again') continue
    const outcomes = await both([pushes && (() => push(session)), pulls && (() => pull(session))])
    if (!outcomes.includes('again')) return
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

/** Runs the directions side by side; an error of one waits for the other to end its work. */
async function both(works: readonly (false | (() => Promise<Outcome>))[]): Promise<Outcome[]> {
  const settled = await Promise.allSettled(works.map((work) => work && work()))
  const failed = settled
    .filter((one) => one.status === 'rejected')
    .map((one) => one.reason as unknown)
  if (failed.length > 0) throw failed[0]
  return settled.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value] : []))
}

function asError(cause: unknown): RejoinError {
  return RejoinError.from(cause, { operation: 'sync', component: 'link' })
}

const mostGreetings = 10
