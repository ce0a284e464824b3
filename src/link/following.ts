import type { Runtime } from '../runtime/index.ts'
import type { Cursor } from '../version/index.ts'
import type { Change } from './change.ts'
import { type Moved, Tally } from './result.ts'
import type { Session, SessionSetup } from './session.ts'

/** What a link that follows its remote tells of. */
export interface LiveNews {
  /** The stream's first page is taken in. */
  readonly onJoined: () => void
  readonly onPage: () => void
  readonly onCommit: () => void
  /** What one page or one push has moved; also when that was nothing. */
  readonly onMoved: (moved: Moved) => void
}

export interface LiveOptions<C extends Change> {
  readonly setup: Omit<SessionSetup<C>, 'tally' | 'runtime'> & {
    readonly runtime: Pick<Runtime, 'monotonic' | 'soon' | 'timer'>
  }
  readonly news: LiveNews
  readonly pushes: boolean
  /** Milliseconds until the stream's first page, which comes at once when all is well. */
  readonly timeout: number
}

/** `again`: greet once more. `deaf`: the remote sends nothing by itself; it can only be asked. */
export type LiveEnd = 'again' | 'deaf'

/** A link that follows its remote, from the session that caught up with it. */
export interface Following<C extends Change> extends LiveOptions<C> {
  readonly session: Session<C>
  /** How far the stream itself has come, whatever others bring over the same link. */
  readonly streamed: { pulled: Cursor }
}

/** The session on the checkpoints as they are: others move them as well. */
export async function sessionNow<C extends Change>(
  { setup, session: first }: Following<C>,
  last: Session<C> = first,
): Promise<Session<C> | 'again'> {
  const { replica, signal } = setup
  const state = await replica.link(last.peer, signal)
  const now = { ...last, ...setup, batch: last.batch, state, tally: new Tally() }
  return isSame(now, first) && (await replica.identity(signal)).origin === first.origin
    ? now
    : 'again'
}

export function isSame<C extends Change>(one: Session<C>, other: Session<C>): boolean {
  return (
    one.peer === other.peer &&
    one.origin === other.origin &&
    one.state.generation === other.state.generation
  )
}

/** Since it was last asked. */
export function movedBy<C extends Change>({ tally }: Session<C>): Moved {
  return tally.take()
}
