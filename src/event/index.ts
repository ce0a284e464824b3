export { contentHash, type ContentHash } from './content-hash.ts'
export { type Draft, draftOf, type NewEvent } from './draft.ts'
export { decodeFrames, encodeEndLine, encodeFrame, type DecodedFrames, type FrameProblem } from './frame.ts'
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
export { defaultEventLimits, type EventLimits } from './limits.ts'
export { LogEvent, type LogEventInit, sameEvent, stubReasons, type StubReason } from './log-event.ts'
