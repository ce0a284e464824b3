/** What is kept beside a result that was folded, so that one of another meaning is folded anew. */
export function meaningVersion(rulesHash: string | undefined, steps: string): string {
  return `rules ${rulesHash ?? ''} upcasters ${steps}`
}

/** The hash of the rules in such a version; `undefined` where none were given. */
export function rulesHashIn(version: string): string | undefined {
  return /^rules (\S+) upcasters /.exec(version)?.[1]
}

/** How many steps lead to the newest schema version of each type. */
export function upcasterSteps(upcasters: object = {}): string {
  const steps = Object.entries(upcasters).map(([type, list]) => [type, (list as unknown[]).length])
  return JSON.stringify(steps.sort())
}
