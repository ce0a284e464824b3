import type { Runtime } from '../runtime/index.ts'
import type { Change } from './change.ts'
import type { Course } from './course.ts'
import type { LiveNews } from './following.ts'
import { Introduction } from './introduction.ts'
import type { Outcome } from './outcome.ts'
import type { LinkRecord } from './record.ts'
import type { Moved } from './result.ts'
import type { Session } from './session.ts'
import type { Steadiness } from './steadiness.ts'

/** Who is to know what a stream brings. */
export interface Newsroom<C extends Change> {
  readonly session: Session<C>
  readonly course: Pick<Course, 'on'>
  readonly record: LinkRecord
  readonly steadiness: Steadiness
  readonly onMoved: ((moved: Moved, duration: number) => void) | undefined
  readonly runtime: Runtime
  /** Beside the stream, for as long as that is followed. */
  readonly aside: (work: (signal: AbortSignal) => Promise<Outcome>) => void
}

/** Notes what the stream of a session brings, and lets the remote know that it is read. */
export function newsOf<C extends Change>(newsroom: Newsroom<C>): LiveNews {
  const { session, course, record, steadiness, onMoved, runtime, aside } = newsroom
  const { telling } = session
  const introduction = new Introduction(telling, runtime)
  let began = runtime.monotonic()
  return {
    onJoined() {
      steadiness.joined()
      record.joined()
      course.on('joined')
      // What the catch-up has read; of what comes from here on, the looks beside the stream tell.
      aside((signal) => telling.tell(signal))
    },
    onPage() {
      record.page()
      course.on('remotePage')
      if (introduction.isDue) aside((signal) => introduction.make(signal))
    },
    onCommit() {
      began = runtime.monotonic()
      course.on('localCommit')
    },
    onMoved(moved) {
      record.moved(moved)
      onMoved?.(moved, runtime.monotonic() - began)
      began = runtime.monotonic()
    },
  }
}
