export type {
  Branch,
  Conflict,
  EffectiveEvent,
  HistoryOf,
  Resolution,
  Resolver,
} from '../contracts/index.ts'
export { type Causality, causalityOf } from './causality/causality.ts'
export { concurrent, type Lookup } from './causality/concurrent.ts'
export { byAggregate, byType, type ConflictKey } from './conflict-key.ts'
export {
  type BranchEvent,
  type BranchRecord,
  type ConflictRecord,
  recordOf,
} from './conflict-record.ts'
export {
  type EffectiveHistory,
  effectiveHistory,
  historyOf,
  type ResolvedConflict,
} from './effective-history.ts'
export {
  additive,
  customResolver,
  firstWriteWins,
  lastWriteWins,
  manualReview,
} from './resolvers/keep.ts'
export { mergeFields } from './resolvers/merge-fields.ts'
export { defaultRules, defineRules } from './rules/define-rules.ts'
export type { RulesDescription } from './rules/description.ts'
export type { Choice, RuleHooks } from './rules/hooks.ts'
export type { Decision, RuleSet } from './rules/rule-set.ts'
export type {
  BesideSnapshot,
  CustomResolver,
  ResolverChoice,
  Rule,
  RuleGroup,
  RulesInit,
} from './rules/rules-init.ts'
export type { GroupStatistics, RuleStatistics } from './rules/statistics.ts'
export type { RuleWarning } from './rules/warnings.ts'
export type { Conditions, CustomCondition, OneOrMore, Relation, When } from './rules/when.ts'
export { anchorOf, coveredBySnapshots } from './snapshots.ts'
