import type { PathRange, RangeIndex } from './range-index.ts'
import { sumText } from './sum.ts'

/*
 * Finding where two sets of versions differ, by exchanging little more than what differs: range-based set
 * reconciliation, after Aljoscha Meyer, "Range-Based Set Reconciliation" (SRDS 2023).
 *
 *   who asks                                   who answers
 *   [[to, 61, sum], [to, 60, sum], …]       -> [[to], [to, 4, sum], …, [to, [[path, sum], …]], …]
 *   [[to], [to, 1, sum], …]                 -> …                    until all that comes back is [to]
 *
 * A message is a list of stretches, one after the other, from the first path to the last; `to` is the path that one
 * stretch ends before, `null` for the end. `[to]`: nothing to say of it any more. `[to, count, sum]`: how many paths I have
 * there, and their fingerprint. `[to, [[path, sum], …]]`: all that I have there. Who answers keeps nothing between
 * two messages.
 */

/** What one end says of one stretch of paths. */
export type Stretch =
  | readonly [to: string | null]
  | readonly [to: string | null, count: number, sum: string]
  | readonly [to: string | null, items: readonly (readonly [path: string, sum: string])[]]

export type Comparison = readonly Stretch[]

/** The first message of who asks. */
export function opening(index: RangeIndex): Comparison {
  return partsOf(index, { from: '', to: undefined })
}

/** The answer to a message. What would make it too long is left out, as if it were equal. */
export function answerTo(index: RangeIndex, asked: Comparison): Comparison {
  return spoken(asked, (said, theirs, range) => {
    if (typeof said !== 'number') return equal
    const own = index.measure(range)
    if (own.count === said && sumText(own.sum) === theirs) return equal
    const isShort = own.count <= (said === 0 ? mostListed : fewest)
    return isShort ? listed(index, range) : partsOf(index, range)
  })
}

/**
 * What who asked makes of an answer: where the two differ for sure, and what to ask next; nothing when it is over.
 * Of sides that differ in much, some of it: to be asked for again once that has been repaired.
 */
export function readAnswer(
  index: RangeIndex,
  answer: Comparison,
): { readonly differ: readonly string[]; readonly next: Comparison } {
  const differ: string[] = []
  const next = spoken(answer, (said, theirs, range) => {
    if (said === undefined) return equal
    if (typeof said === 'number') {
      const own = index.measure(range)
      return own.count === said && sumText(own.sum) === theirs ? equal : partsOf(index, range)
    }
    differ.push(...differencesIn(index, range, said))
    return equal
  })
  return { differ, next: next.every(([, said]) => said === undefined) ? [] : next }
}

/** Stretch by stretch; those of which nothing is left to say become one. */
function spoken(
  message: Comparison,
  reply: (said: Stretch[1], sum: Stretch[2], range: PathRange) => readonly Stretch[],
): Comparison {
  const spoken: Stretch[] = []
  let said = 0
  let from = ''
  for (const [to, theirs, sum] of message) {
    const range = { from, to: to ?? undefined }
    const ours = said < mostSaid ? reply(theirs, sum, range) : equal
    if (ours === equal) {
      if (spoken.length > 0 && spoken.at(-1)?.length === 1) spoken.pop()
      spoken.push([to])
    } else {
      spoken.push(...ours)
      for (const [, what] of ours) said += Array.isArray(what) ? what.length : 1
    }
    if (to !== null) from = to
  }
  return spoken
}

function differencesIn(
  index: RangeIndex,
  range: PathRange,
  theirs: readonly (readonly [path: string, sum: string])[],
): string[] {
  const left = new Map(theirs)
  const differ: string[] = []
  for (const { path, sum } of index.entries(range)) {
    if (left.get(path) !== sumText(sum)) differ.push(path)
    left.delete(path)
  }
  return [...differ, ...left.keys()]
}

/** A stretch in parts of about equal numbers, each with its fingerprint. */
function partsOf(index: RangeIndex, { from, to }: PathRange): Stretch[] {
  const { count } = index.measure({ from, to })
  const first = index.rank(from)
  const parts = Math.max(1, Math.min(fanOut, Math.ceil(count / 2)))
  const stretches: Stretch[] = []
  let begin = from
  for (let part = 1; part <= parts; part++) {
    const end = part === parts ? to : boundary(index, first + Math.floor((count * part) / parts))
    const own = index.measure({ from: begin, to: end })
    stretches.push([end ?? null, own.count, sumText(own.sum)])
    if (end !== undefined) begin = end
  }
  return stretches
}

/** The shortest text that parts the path at this place from the one before it. */
function boundary(index: RangeIndex, rank: number): string {
  const path = index.at(rank) as string
  const before = index.at(rank - 1) ?? ''
  let same = 0
  while (same < before.length && before[same] === path[same]) same++
  return path.slice(0, same + 1)
}

function listed(index: RangeIndex, range: PathRange): Stretch[] {
  const items = Array.from(index.entries(range), ({ path, sum }) => [path, sumText(sum)] as const)
  return [[range.to ?? null, items]]
}

const equal: readonly Stretch[] = []
/** Parts of a stretch that differs. */
const fanOut = 16
/** So few are told one by one. */
const fewest = 16
/** So many of which the other end has none. */
const mostListed = 256
/** Fingerprints and paths in one message, about: about a megabyte. */
const mostSaid = 20_000
