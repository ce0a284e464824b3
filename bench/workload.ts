import type { NewEvent } from '../src/event/index.ts'

/**
 * The events that every benchmark moves: 200 bytes of payload each, spread over 1,000 aggregates in no
 * particular order. The same ones in every run.
 */
export function newEvents(count: number): NewEvent[] {
  const random = randomNumbers(1)
  return Array.from({ length: count }, (_, index) => ({
    type: types[random(types.length)] as string,
    aggregateId: `account-${random(aggregates)}`,
    data: payload(index, random),
  }))
}

/** The same events cut into appends. */
export function inBatches<T>(all: readonly T[], size: number): T[][] {
  const batches: T[][] = []
  for (let at = 0; at < all.length; at += size) batches.push(all.slice(at, at + size))
  return batches
}

const aggregates = 1_000
const payloadBytes = 200
const types = ['AccountOpened', 'MoneyDeposited', 'MoneyWithdrawn', 'LimitChanged']

function payload(index: number, random: (below: number) => number) {
  const rest = { number: index, amount: random(1_000_000) / 100, customer: `c-${random(50_000)}` }
  // Words as a person would write them: neither as easy to compress as a run of one letter nor as
  // hard as random bytes.
  let note = ''
  const missing = payloadBytes - JSON.stringify({ ...rest, note }).length
  while (note.length < missing) note += `${words[random(words.length)]} `
  return { ...rest, note: note.slice(0, missing) }
}

const words =
  'rent salary groceries ticket refund transfer invoice monthly fee for the of to and paid by card order parcel shipped late coffee books garden repair phone insurance 2024 2025 no yes'.split(
    ' ',
  )

/** Whole numbers below a bound, the same in every run (mulberry32). */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
