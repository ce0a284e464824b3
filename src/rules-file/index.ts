export { type CheckedRules, checkRules, type RulesCode } from './check-rules.ts'
export { problemLine, type RulesProblem } from './problem.ts'
export { rulesFromFile, rulesFromText } from './read-rules.ts'
export { type RulesWatch, type WatchRulesOptions, watchRules } from './watch-rules.ts'
