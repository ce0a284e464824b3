import { systemRuntime, withDeadline } from '../../runtime/index.ts'
import { untilAborted } from '../../transport/remote/index.ts'
import type { Runner } from './runner.ts'

/** A runner that collects tests instead of running them: for where there is no other. */
export interface CollectedRunner extends Runner {
  /**
   * Runs what was collected, one after the other, and answers with those that failed. A test that takes
   * longer than the timeout fails, and the next one begins.
   */
  failures(): Promise<readonly Failure[]>
  readonly collected: number
  readonly skipped: readonly string[]
}

export interface Failure {
  /** The names of its groups and its own, ` > ` between them. */
  readonly name: string
  readonly error: unknown
}

/** `timeout` is what each test may take, in milliseconds; default a minute. */
export function collectedRunner({ timeout = 60_000 } = {}): CollectedRunner {
  const groups: string[] = []
  const tests: { readonly name: string; run(): Promise<void> }[] = []
  const skipped: string[] = []
  const fullName = (name: string) => [...groups, name].join(' > ')
  const it = (name: string, run: () => Promise<void>) => {
    tests.push({ name: fullName(name), run })
  }
  return {
    describe(name, body) {
      groups.push(name)
      body()
      groups.pop()
    },
    it: Object.assign(it, {
      skip(name: string) {
        skipped.push(fullName(name))
      },
    }),
    get collected() {
      return tests.length
    },
    skipped,
    async failures() {
      const failed: Failure[] = []
      for (const { name, run } of tests)
        await timed(run, timeout).catch((error) => failed.push({ name, error }))
      return failed
    },
  }
}

function timed(run: () => Promise<void>, ms: number): Promise<void> {
  const late = () => new Error(`it has not ended within ${ms} ms`)
  return withDeadline(systemRuntime, ms, undefined, late, (signal) => untilAborted(signal, run()))
}
