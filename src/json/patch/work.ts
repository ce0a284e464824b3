import { RejoinError } from '../../errors/index.ts'

/**
 * What one patch may still cost, in steps that take about as long as looking at one character. Counted, not
 * timed, so that the same patch on the same data is refused everywhere or nowhere. Throws `too_large` before
 * the step that would be too much.
 */
export class Work {
  #left = mostSteps

  spend(steps: number): void {
    this.#left -= steps
    if (this.#left < 0) throw tooMuch()
  }
}

function tooMuch(): RejoinError {
  const message =
    'the patch takes too much work on data of this size or depth: write the whole instead'
  return new RejoinError('too_large', message, {
    operation: 'patch',
    component: 'state',
    details: { limit: mostSteps },
  })
}

/** What things cost, measured: half a second for all of it. */
export const steps = {
  /** A part of a list that is taken apart, and a member of an object. */
  item: 64,
  member: 256,
  /** An element that moves because another one came or went before it. */
  shift: 1 / 8,
  /** A character that is written to be copied, and one that is compared with another spelling of it. */
  written: 8,
  compared: 128,
} as const

const mostSteps = 100_000_000
