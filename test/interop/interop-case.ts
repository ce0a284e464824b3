import { afterAll, beforeAll, it } from 'vitest'
import { GoModule, type GoModuleName } from '../../interop/go-module.ts'
import { reasonToSkip } from '../skips.ts'
import { cases } from './cases.ts'
import { goVersion } from './go-program.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** What a case counted, for scripts/interop.ts. */
    interop?: Readonly<Record<string, number>>
    /** Why Go got no module that the case requires. */
    refused?: string
  }
}

/**
 * A test of a line in cases.ts. It returns what it counted: without a count, nothing was shown. Where the line
 * says that it requires a module, `program` is what useGoModule gave.
 */
export function interopCase(
  name: string,
  test: () => Promise<Readonly<Record<string, number>>>,
  program?: GoModuleProgram,
): void {
  const known = cases.find((one) => one.name === name)
  if (known === undefined || known.notYet !== undefined)
    throw new Error(`test/interop/cases.ts lists no such case to run: ${name}`)
  if (known.requires !== program?.requires)
    throw new Error(`test/interop/cases.ts says that it requires ${known.requires}: ${name}`)
  it(name, { timeout: 120_000 }, async (context) => {
    context.skip(goVersion === undefined && !known.withoutGo, reasonToSkip('interop', 'go'))
    const refused = program?.refused
    if (program !== undefined && refused !== undefined) {
      context.task.meta.refused = refused
      context.skip(`${reasonToSkip('interop', program.requires)} (${refused})`)
    }
    const counts = await test()
    if (!Object.values(counts).some((count) => count > 0)) throw new Error('nothing was counted')
    context.task.meta.interop = counts
  })
}

/** A program of a module under interop/, built for the tests of a file where Go gets what it requires. */
export interface GoModuleProgram {
  readonly requires: GoModuleName
  /** In the words of Go's proxy; known once tests run. */
  readonly refused: string | undefined
  /** Where the program is. */
  readonly path: string
  /** Rejects with what `go vet` finds. */
  vet(): Promise<void>
}

export function useGoModule(requires: GoModuleName, from = '.'): GoModuleProgram {
  let module: GoModule | undefined
  let path = ''
  beforeAll(async () => {
    if (goVersion === undefined) return
    module = await GoModule.open(requires)
    if (module.refused === undefined) path = await module.build(from)
  }, 300_000)
  afterAll(() => module?.[Symbol.asyncDispose]())
  return {
    requires,
    get refused() {
      return module?.refused
    },
    get path() {
      return path
    },
    vet: async () => module?.vet(),
  }
}
