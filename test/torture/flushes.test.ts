import { join } from 'node:path'
import { expect, it, type TestContext } from 'vitest'
import { reasonToSkip } from '../skips.ts'
import { Child } from './child.ts'
import type { FlusherOptions } from './children/flusher.ts'
import { report, scaled, scratch } from './torture.ts'
import { canTrace, readTrace, type Step, tracedTo } from './trace.ts'

const patience = { timeout: 120_000 }
const appendsEach = scaled({ full: 200, sample: 40 })

it(
  'L1: at full durability the WAL is flushed between its last write and each acknowledgement',
  patience,
  async (context) => {
    const { steps, flushes } = await traced(context, { durability: 'full', callers: 1 })
    let isWritten = false
    let isFlushed = false
    let acknowledged = 0
    for (const step of steps) {
      if (step.kind === 'said') {
        acknowledged++
        expect(step.line).toBe(`stored ${acknowledged}`)
        expect({ isWritten, isFlushed }, step.line).toEqual({ isWritten: true, isFlushed: true })
        isWritten = false
      } else if (isWal(step.file)) {
        isWritten ||= step.kind === 'write'
        isFlushed = step.kind === 'flush'
      }
    }
    expect(acknowledged).toBe(appendsEach)
    report('flushes at full durability, one at a time', { appends: acknowledged, flushes })
    // One each; the first commit after a checkpoint flushes the header of the WAL as well.
    expect(flushes).toBeLessThanOrEqual(acknowledged * 1.05 + 1)
  },
)

it('L1: concurrent callers share a flush', patience, async (context) => {
  const { flushes } = await traced(context, { durability: 'full', callers: 64 })
  report('flushes at full durability, 64 callers', { appends: 64 * appendsEach, flushes })
  expect(flushes).toBeLessThanOrEqual((64 * appendsEach) / 16)
})

it('a commit at normal durability is not flushed', patience, async (context) => {
  const { flushes } = await traced(context, { durability: 'normal', callers: 1 })
  report('flushes at normal durability', { appends: appendsEach, flushes }, { flushes: 0 })
  expect(flushes).toBe(0)
})

/** What the process does between opening the file and closing it. */
async function traced(
  context: TestContext,
  how: Pick<FlusherOptions, 'durability' | 'callers'>,
): Promise<{ readonly steps: readonly Step[]; readonly flushes: number }> {
  context.skip(!canTrace(), reasonToSkip('store/sqlite', 'flushes'))
  using folder = scratch()
  const options: FlusherOptions = { ...how, path: join(folder.path, 'log.db'), appendsEach }
  const trace = join(folder.path, 'trace')
  await using child = Child.start('flusher', options, tracedTo(trace))
  await child.done()
  const all = readTrace(trace)
  const at = (line: string) => all.findIndex((step) => step.kind === 'said' && step.line === line)
  const steps = all.slice(at('begin') + 1, at('end'))
  return { steps, flushes: steps.filter((step) => step.kind === 'flush').length }
}

function isWal(file: string): boolean {
  return file.endsWith('.db-wal')
}
