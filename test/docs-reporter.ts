import type { Reporter, TestModule, Vitest } from 'vitest/node'
import { docBlocks, judge } from './doc-blocks.ts'

/**
 * At the end of a whole run: how many fenced blocks of the docs were executed, and how many are marked with a
 * reason why not. Fails it when a block is neither. Runs of some tests are left alone.
 */
export class DocsReporter implements Reporter {
  #vitest: Vitest | undefined

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
  }

  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    if (!(await this.#isWhole(modules))) return
    const ran = new Set(modules.flatMap(blocksRunIn))
    const { executed, marked, problems } = judge(docBlocks(), ran)
    const byLanguage = Object.entries(Object.groupBy(executed, ({ language }) => language))
      .map(([language, blocks = []]) => `${blocks.length} ${language || 'plain'}`)
      .join(', ')
    console.log(
      `\nFenced blocks of the docs: ${executed.length} executed (${byLanguage}), ${marked.length} marked as not run:`,
    )
    for (const { page, line, reason } of marked) console.log(`  ${page}:${line}: ${reason}`)
    if (problems.length === 0) return
    console.error(`\n${problems.join('\n')}\n`)
    process.exitCode = 1
  }

  async #isWhole(modules: readonly TestModule[]): Promise<boolean> {
    const vitest = this.#vitest
    if (vitest === undefined || vitest.config.testNamePattern !== undefined) return false
    if (!vitest.projects.some(({ name }) => name === 'unit')) return false
    const there = new Set(modules.map(({ moduleId }) => moduleId))
    const all = await vitest.globTestSpecifications()
    return all.every(({ moduleId }) => there.has(moduleId))
  }
}

function blocksRunIn(module: TestModule): readonly string[] {
  return [...module.children.allTests('passed')].flatMap((test) => test.meta().ranBlocks ?? [])
}
