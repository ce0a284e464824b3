import { fields, type Known, timerTime, trueOrFalse, type Where } from '../errors/check.ts'
import { RejoinError } from '../errors/index.ts'
import { type Runtime, withDeadline } from '../runtime/index.ts'
import { untilAborted } from '../transport/remote/index.ts'
import type { Change } from './change.ts'
import type { Engine } from './engine.ts'
import type { Unsent } from './outbox.ts'
import type { LinkPhase } from './phases.ts'

/** How a link is closed. */
export interface LinkClosing {
  /** Whether to push what is left first. Default: when the link runs, and its remote was there last. */
  readonly flush?: boolean
  /** Milliseconds that may take. Default 2,000. */
  readonly within?: number
}

/** Throws `invalid_argument`. */
export function checkClosing(closing: LinkClosing, where: Where): void {
  const { flush, within } = fields('options', closing, where, linkClosingNames)
  if (flush !== undefined) trueOrFalse('flush', flush, where)
  if (within !== undefined) timerTime('within', within, where)
}

/** Pushes what is left, if that may be, and ends all that is under way; answers with what is unsent then. */
export async function closeEngine<C extends Change>(
  engine: Engine<C>,
  { flush, within = 2_000 }: LinkClosing,
  runtime: Runtime,
): Promise<Unsent | undefined> {
  const { course, remote, record } = engine
  const inTime = async (work: (signal: AbortSignal) => Promise<unknown>) => {
    const untilThen = (signal: AbortSignal) => untilAborted(signal, work(signal))
    await withDeadline(runtime, within, undefined, closed, untilThen).catch(() => {})
  }
  const count = () => remote.unsent().catch(() => undefined)
  const { phase } = course
  // What never ran and was never there has nothing to tell, and is not worth a look at the log.
  const knows = phase !== 'closed' && (remote.peer !== undefined || phase !== 'stopped')
  let unsent = knows ? await count() : undefined
  const isDrained = unsent?.count === 0 && !unsent.more
  const mayFlush = flush ?? (runs[course.phase] && record.wasThere)
  if (mayFlush && !isDrained && course.phase !== 'closed') {
    await inTime((signal) => engine.round(signal))
    unsent = await count()
  }
  course.on('close')
  await inTime(() => engine.ended())
  return unsent
}

export function closed(): RejoinError {
  const where = { operation: 'link', component: 'link' }
  return new RejoinError('closed', 'this link is closed', where)
}

/** In these phases the remote was there last, and a link that closes tries to push. */
const runs: Readonly<Record<LinkPhase, boolean>> = {
  stopped: false,
  greeting: true,
  syncing: true,
  live: true,
  polling: true,
  waiting: false,
  paused: false,
  closed: false,
}

const linkClosingNames: Known<LinkClosing> = { flush: true, within: true }
