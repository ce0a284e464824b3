export type { DeadLetter } from './failure.ts'
export type { Meaning } from './meaning.ts'
export { memorySink } from './memory-sink.ts'
export {
  type EffectOutcome,
  type EffectTools,
  type Outbox,
  type OutboxOptions,
  outbox,
} from './outbox.ts'
export type {
  Listed,
  ListOptions,
  Projected,
  ProjectionStatus,
  RunOptions,
} from './projected.ts'
export { type AnyProjection, type Projection, projection } from './projection.ts'
export type {
  BatchFold,
  Fold,
  FoldedEvent,
  FoldedEventOf,
  FoldTools,
  PoisonPolicy,
  ProjectionOptions,
} from './projection-options.ts'
export { Projections, type ProjectionsOptions } from './projections.ts'
export type { ProjectionProgress } from './projector.ts'
export type { Subscribed, SubscriptionStatus } from './subscribed.ts'
export {
  type Delivery,
  type Subscription,
  type SubscriptionOptions,
  subscription,
} from './subscription.ts'
