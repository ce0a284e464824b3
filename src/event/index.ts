export { type ContentHash, contentHash } from './content-hash.ts'
export { currentEvent } from './current-event.ts'
export { type Draft, draftOf, type NewEvent } from './draft.ts'
export { compactedOf, erasedOf, tenantIn } from './erased.ts'
export type {
  Condition,
  EventFilter,
  FilterFields,
  FilterPredicate,
  Ordered,
  Scalar,
} from './filter/event-filter.ts'
export { type Filter, filterFrom, filterOf, stubOf } from './filter/filter.ts'
export {
  type ForeignContent,
  foreignEvent,
  foreignPlace,
  withoutCausality,
} from './foreign-event.ts'
export { type DecodedFrames, decodeFrames, encodeFrame } from './frame.ts'
export type { FrameProblem } from './frame-header.ts'
export { encodeEndLine } from './frame-page.ts'
export {
  type EventId,
  idProblem,
  isNodeId,
  type LinkId,
  type NodeId,
  newOrigin,
  nodeOf,
  type Origin,
  parseOrigin,
} from './ids.ts'
export { defaultEventLimits, type EventLimits, eventLimitsOf } from './limits.ts'
export {
  LogEvent,
  type LogEventInit,
  type StubReason,
  sameEvent,
  stubReasons,
} from './log-event.ts'
export { sameContent, sameThroughGo } from './same-content.ts'
export { isSnapshot, snapshotType } from './snapshot.ts'
export {
  type Upcast,
  type Upcasted,
  type Upcaster,
  type Upcasters,
  type UpcastStep,
  type UpcastSteps,
  upcasterOf,
} from './upcaster.ts'
export { exceedsBytes } from './utf8.ts'
