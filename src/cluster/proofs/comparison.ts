import type { Measure, PathRange, Place, RangeIndex } from './range-index.ts'
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

type Said = Exclude<Stretch[1], undefined>

/** The first message of who asks. */
export function opening(index: RangeIndex): Comparison {
  return partsOf(index, ownOf(index, { from: '', to: undefined }), askedParts)
}

/** The answer to a message. What would make it too long is left out, as if it were equal. */
export function answerTo(index: RangeIndex, asked: Comparison): Comparison {
  return spoken(index, asked, (said, theirs, own) => {
    if (typeof said !== 'number' || isEqual(own, said, theirs)) return equal
    const isShort = own.count <= (said === 0 ? mostListed : fewest)
    return isShort ? listed(index, own) : partsOf(index, own, answeredParts)
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
  const next = spoken(index, answer, (said, theirs, own) => {
    if (typeof said === 'number')
      return isEqual(own, said, theirs) ? equal : partsOf(index, own, askedParts)
    for (const path of differencesIn(index, own, said)) differ.push(path)
    return equal
  })
  return { differ, next: next.every(([, said]) => said === undefined) ? [] : next }
}

/** What an index has of one stretch. */
interface Own extends PathRange, Measure {
  readonly begin: Place
  readonly end: Place
}

/** Stretch by stretch; those of which nothing is left to say become one. */
function spoken(
  index: RangeIndex,
  message: Comparison,
  reply: (said: Said, sum: string | undefined, own: Own) => readonly Stretch[],
): Comparison {
  const spoken: Stretch[] = []
  let said = 0
  let from = ''
  let begin: Place | undefined
  for (const [to, theirs, sum] of message) {
    let ours = equal
    if (theirs !== undefined && said < mostSaid) {
      const own = ownOf(index, { from, to: to ?? undefined }, begin)
      ours = reply(theirs, sum, own)
      begin = own.end
    } else begin = undefined
    if (ours === equal) {
      if (spoken.length > 0 && spoken.at(-1)?.length === 1) spoken.pop()
      spoken.push([to])
    }
    for (const stretch of ours) {
      spoken.push(stretch)
      said += Array.isArray(stretch[1]) ? stretch[1].length : 1
    }
    from = to ?? from
  }
  return spoken
}

function ownOf(index: RangeIndex, { from, to }: PathRange, begin = index.place(from)): Own {
  const end = index.place(to, begin)
  const { count, sum } = index.between(begin, end)
  return { from, to, begin, end, count, sum }
}

function isEqual(own: Own, count: number, sum: string | undefined): boolean {
  return own.count === count && sumText(own.sum) === sum
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
function partsOf(
  index: RangeIndex,
  { begin, end, to, count }: Own,
  inParts: (count: number) => number,
): Stretch[] {
  const parts = inParts(count)
  const first = index.rank(begin)
  const stretches: Stretch[] = []
  let from = begin
  for (let part = 1; part < parts; part++) {
    const until = index.placeAt(first + Math.floor((count * part) / parts), from)
    stretches.push(told(boundary(index, until), index.between(from, until)))
    from = until
  }
  stretches.push(told(to, index.between(from, end)))
  return stretches
}

function told(to: string | undefined, { count, sum }: Measure): Stretch {
  return [to ?? null, count, sumText(sum)]
}

/** Of who asks: what is not much is told one by one in the answer. */
function askedParts(count: number): number {
  return count > fanOut * fewest ? answeredParts(count) : within(Math.sqrt(count))
}

/**
 * Of who answers. Where one path differs, each step down to it says something of every part: with three steps to go,
 * which is to the next answer, the cube root of the paths makes that least.
 */
function answeredParts(count: number): number {
  return within(Math.cbrt(count))
}

function within(parts: number): number {
  return Math.max(1, Math.min(fanOut, Math.ceil(parts)))
}

/** The shortest text that parts the path after this place from the one before it. */
function boundary(index: RangeIndex, place: Place): string {
  const path = index.after(place) as string
  const before = index.before(place) ?? ''
  let same = 0
  while (same < before.length && before.charCodeAt(same) === path.charCodeAt(same)) same++
  return path.slice(0, same + 1)
}

function listed(index: RangeIndex, range: PathRange): Stretch[] {
  const items = Array.from(index.entries(range), ({ path, sum }) => [path, sumText(sum)] as const)
  return [[range.to ?? null, items]]
}

const equal: readonly Stretch[] = []
/** Parts of a stretch that differs, at most. */
const fanOut = 16
/** So few are told one by one. */
const fewest = 16
/** So many of which the other end has none. */
const mostListed = 256
/** Fingerprints and paths in one message, about: about a megabyte. */
const mostSaid = 20_000
