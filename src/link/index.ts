export { type Around, aroundCalls, type TransportCall } from './around-calls.ts'
export type { Change } from './change.ts'
export { checkClosing, type LinkClosing } from './closing.ts'
export { drawLink } from './drawing.ts'
export type { BlockCause, Blocked, Explanation } from './explain.ts'
export { Link } from './link.ts'
export type { LinkOptions } from './link-options.ts'
export { type LinkSetup, type Round, usualGuard } from './link-setup.ts'
export { countUnsent, type Unsent } from './outbox.ts'
export {
  type LinkAct,
  type LinkEvent,
  type LinkPhase,
  linkEvents,
  linkPhases,
  linkTable,
  type Outcome,
} from './phases.ts'
export type { LinkStatistics } from './record.ts'
export type { LinkProgress, LinkResult, Moved } from './result.ts'
export { askedPatience, type RetryPolicy, retrying, retryPolicy } from './retrying.ts'
export type { Session } from './session.ts'
export { type Greetings, syncOnce } from './sync-once.ts'
export { timed } from './timed.ts'
export type { Transition } from './transitions.ts'
