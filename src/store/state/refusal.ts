import { goesOnAbove } from '../../clock/stamp.ts'
import {
  listOf,
  pathProblem,
  type Receipt,
  type StateChange,
  timeOf,
} from '../../contracts/index.ts'
import { scanJson } from '../../json/index.ts'
import type { StateContext } from './context.ts'

/**
 * What keeps a change from being taken in; `undefined` for nothing. `known`: the greatest time here of what it
 * replaces.
 *
 * A time that is a day or more ahead is refused by the first who is offered it: what it replaces would never win
 * again. Unless something as far ahead stands here already, and this goes on just above it, as a write must whose
 * own clock is right (T5): refused, it would lose for as long as that one is ahead.
 */
export function refusalOf(
  { clock, logger }: StateContext,
  { path, created, updated, dataText, note }: StateChange,
  role: 'pulled' | 'pushed',
  known: () => bigint,
): Receipt | undefined {
  const problem = pathProblem(path, [])
  if (problem !== undefined) return rejected('invalid', `its path ${problem}`)
  if (created < 0n || updated < 0n) return rejected('invalid', 'its times are below 0')
  if (dataText !== null && scanJson(dataText, deepest) >= 0)
    return rejected('invalid', `its data is no JSON, or nested more than ${deepest} deep`)
  if (dataText === null && created !== 0n)
    return rejected('invalid', 'it is a delete, and has a time of creation')
  if (note.length > longestNote) return rejected('invalid', 'its note is too long')
  const time = timeOf({ created, updated })
  const skew = clock.judge(time)
  if (skew === 'unusable') return rejected('invalid', 'its time lies beyond the year 2200')
  if (skew === 'fine') return undefined
  if (skew === 'quarantine' && role === 'pushed' && !goesOnAbove(time, known()))
    return rejected('clock', 'its time is a day or more ahead of this node', true)
  const warning = clock.warning()
  if (warning !== undefined)
    logger.warn('a change is stamped ahead of this clock', {
      path,
      time: String(time),
      ...warning,
    })
  return undefined
}

/** It is older than a delete that is forgotten, and there is no room to keep it aside. */
export function collected(path: string): Receipt {
  const words = `it is older than a forgotten delete in ${listOf(path)}, and too many such are kept here`
  return rejected('invalid', words, true)
}

function rejected(reason: 'invalid' | 'clock', message: string, retryable = false): Receipt {
  return { kind: 'rejected', reason, message, retryable }
}

const deepest = 128
const longestNote = 1024 * 1024
