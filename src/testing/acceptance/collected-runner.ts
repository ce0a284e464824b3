import type { Runner } from './runner.ts'

/** A runner that collects tests instead of running them. */
export interface CollectedRunner extends Runner {
  /** Runs what was collected, one after the other; answers with the full names of those that failed. */
  failures(): Promise<readonly string[]>
  readonly collected: number
}

export function collectedRunner(): CollectedRunner {
  const groups: string[] = []
  const tests: { readonly name: string; run(): Promise<void> }[] = []
  const it = (name: string, run: () => Promise<void>) => {
    tests.push({ name: [...groups, name].join(' > '), run })
  }
  return {
    describe(name, body) {
      groups.push(name)
      body()
      groups.pop()
    },
    it: Object.assign(it, { skip() {} }),
    get collected() {
      return tests.length
    },
    async failures() {
      const failed: string[] = []
      for (const { name, run } of tests) {
        await run().catch(() => failed.push(name))
      }
      return failed
    },
  }
}
