import { RejoinError } from '../../errors/index.ts'

/** What a suite needs of a test runner: node:test, Vitest, Jest, Bun and Mocha all have it. */
export interface Runner {
  describe(name: string, body: () => void): void
  it: ((name: string, run: () => Promise<void>) => void) & {
    skip(name: string, run: () => Promise<void>): void
  }
}

/** Something an implementation can do by its nature, or why it can't. */
export type Capability = true | Lacking

/** Tests that need what is lacking are skipped, with the reason in their names. */
export interface Lacking {
  readonly because: string
}

/** Registers a test, or skips it for the first capability that is lacking. */
export function checkCapable(
  { it }: Runner,
  name: string,
  run: () => Promise<void>,
  needed: readonly Capability[],
): void {
  const reasons = needed.filter((one) => one !== true).map((one) => reasonOf(name, one))
  if (reasons.length === 0) it(name, run)
  else it.skip(`${name} (skipped: ${reasons[0]})`, run)
}

// Who writes JavaScript may have left it out.
function reasonOf(name: string, lacking: Partial<Lacking> | undefined): string {
  const reason = lacking?.because ?? ''
  if (reason.trim() !== '') return reason
  throw new RejoinError('invalid_argument', `"${name}" can't be skipped without a reason`, {
    operation: 'register',
    component: 'testing/acceptance',
  })
}
