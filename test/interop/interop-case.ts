import { it } from 'vitest'
import { reasonToSkip } from '../skips.ts'
import { cases } from './cases.ts'
import { goVersion } from './go-program.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** What a case counted, for scripts/interop.ts. */
    interop?: Readonly<Record<string, number>>
  }
}

/** A test of a line in cases.ts. It returns what it counted: without a count, nothing was shown. */
export function interopCase(
  name: string,
  test: () => Promise<Readonly<Record<string, number>>>,
): void {
  const known = cases.find((one) => one.name === name)
  if (known === undefined || known.notYet !== undefined)
    throw new Error(`test/interop/cases.ts lists no such case to run: ${name}`)
  it(name, { timeout: 120_000 }, async (context) => {
    context.skip(goVersion === undefined, reasonToSkip('interop', 'go'))
    const counts = await test()
    if (!Object.values(counts).some((count) => count > 0)) throw new Error('nothing was counted')
    context.task.meta.interop = counts
  })
}
