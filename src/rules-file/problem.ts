/** Something wrong in a file of rules, where it stands. */
export interface RulesProblem {
  /**
   * `error`: the file can't be used. `warning`: a rule can never decide anything. `note`: a rule is never
   * asked because its group is disabled.
   */
  readonly severity: 'error' | 'warning' | 'note'
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units. */
  readonly column: number
  readonly message: string
}

/** As compilers print it: `rules.yaml:3:5: unknown key …`. */
export function problemLine(file: string, problem: RulesProblem): string {
  const { severity, line, column, message } = problem
  return `${file}:${line}:${column}: ${severity === 'error' ? '' : `${severity}: `}${message}`
}
