import { RejoinError } from '../errors/index.ts'
import { membersOf, scanJson } from '../json/index.ts'

/** The largest counter: go-sync-kit counts in uint64. */
export const largestCounter = 2n ** 64n - 1n

/** A counter as JSON has it, exact; `undefined` for what is not a whole number from 0 to 2^64 - 1. */
export function counterOf(text: string): bigint | undefined {
  if (!decimal.test(text)) return undefined
  const counter = BigInt(text)
  return counter > largestCounter ? undefined : counter
}

/**
 * The counters of a JSON object by their keys; `undefined` when the text is something else. Of repeated
 * keys the last counts, and `null` counts as 0, as in Go.
 */
export function countersOf(text: string): Map<string, bigint> | undefined {
  if (scanJson(text, 1) >= 0) return undefined
  const opening = text.indexOf('{')
  if (opening < 0 || text.slice(0, opening).trim() !== '') return undefined
  const counters = new Map<string, bigint>()
  for (const { key, from, to } of membersOf(text, opening)) {
    const value = text.slice(from, to)
    const counter = value === 'null' ? 0n : counterOf(value)
    if (counter === undefined) return undefined
    counters.set(key.toWellFormed(), counter)
  }
  return counters
}

export function refused(
  code: 'invalid_argument' | 'too_large',
  message: string,
  operation: string,
): RejoinError {
  return new RejoinError(code, message, { operation, component: 'version' })
}

const decimal = /^(0|[1-9][0-9]{0,19})$/
