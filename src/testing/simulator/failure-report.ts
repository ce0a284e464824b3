import { failureText, whatBroke } from './report.ts'
import { testCode } from './scenario-code.ts'
import { type ShrinkOptions, shrink } from './shrink.ts'
import { type SimulationRun, simulate } from './simulation.ts'

/** All about a failing run: what broke and where, and the smallest world that fails the same way, as a test. */
export async function failureReport(
  run: SimulationRun,
  options: Omit<ShrinkOptions, 'scenario'> = {},
): Promise<string> {
  if (run.finding === undefined) return failureText(run)
  const { run: smallest, tried, steps } = await shrink(run, simulate, options)
  if (steps === 0) return `${failureText(run)}\n\nNone of ${tried} smaller worlds fails.`
  return [
    failureText(run),
    `\nThe smallest of ${tried} worlds that were tried, where the same breaks:\n`,
    whatBroke(smallest),
    `\n${testCode(smallest, options)}`,
  ].join('\n')
}
