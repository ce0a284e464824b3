import type { Position } from '../version/index.ts'
import type { Draft } from './draft.ts'
import type { Item } from './item.ts'
import { keyed } from './keyed.ts'
import type { Place } from './place.ts'
import { type KeyRecord, noRecord, parseRecord, recordText } from './records.ts'
import { compareTexts } from './text-order.ts'

/** Where a fold can begin again. */
export interface Base {
  readonly record: KeyRecord
  /** All that comes after it in effective order stands behind this position of the log. */
  readonly since: Position
}

/**
 * One key's checkpoints: one every so many events, and the older, the fewer are kept. A key of n events
 * keeps about 2 log n, and what is folded again for a late event is in proportion to how late it is.
 */
export class Checkpoints {
  readonly #draft: Draft
  readonly #key: string
  readonly #every: number
  #marks: Mark[] | undefined

  constructor(draft: Draft, key: string, every: number) {
    this.#draft = draft
    this.#key = key
    this.#every = every
  }

  /** How many events may follow before there is to be a checkpoint. */
  left({ count }: KeyRecord): number {
    return this.#every - (count % this.#every)
  }

  /** Forgets those that stand at this place or behind it; answers with the last before it. */
  async backTo(place: Place, signal: AbortSignal): Promise<Base> {
    const marks = await this.#load(signal)
    const kept = marks.filter(([, at]) => compareTexts(at, place) < 0)
    for (const [, at] of marks.slice(kept.length)) this.#remove(at)
    this.#marks = kept
    if (kept.length < marks.length) this.#write()
    const last = kept.at(-1)
    if (last === undefined) return { record: noRecord, since: 0n as Position }
    const [text] = await this.#draft.get('checkpoints', [keyed(this.#key, last[1])], signal)
    return { record: parseRecord(text), since: BigInt(last[2]) as Position }
  }

  isDue({ count }: KeyRecord): boolean {
    return count % this.#every === 0
  }

  /** Keeps a record that is due; `last` is the event it ends with. */
  async keep(record: KeyRecord, last: Item, signal: AbortSignal): Promise<void> {
    const marks = await this.#load(signal)
    const number = record.count / this.#every
    const isOld = ([count]: Mark) => number - count / this.#every >= worth(count / this.#every)
    for (const mark of marks) if (isOld(mark)) this.#remove(mark[1])
    const kept = marks.filter((mark) => !isOld(mark))
    this.#marks = [...kept, [record.count, record.place, String(last.since ?? 0n)]]
    this.#draft.put('checkpoints', keyed(this.#key, record.place), recordText(record))
    this.#write()
  }

  async #load(signal: AbortSignal): Promise<Mark[]> {
    if (this.#marks !== undefined) return this.#marks
    const [text] = await this.#draft.get('marks', [this.#key], signal)
    this.#marks = text === undefined ? [] : (JSON.parse(text) as Mark[])
    return this.#marks
  }

  #remove(place: Place): void {
    this.#draft.put('checkpoints', keyed(this.#key, place), null)
  }

  #write(): void {
    const marks = this.#marks ?? []
    this.#draft.put('marks', this.#key, marks.length === 0 ? null : JSON.stringify(marks))
  }
}

/** Ascending in both; the position as text, because JSON has no 64-bit numbers. */
type Mark = readonly [count: number, place: Place, since: string]

/** How many later checkpoints one outlives: the rounder its number, the more. */
function worth(number: number): number {
  let power = 4
  for (let rest = number; rest % 2 === 0 && rest > 0; rest /= 2) power *= 2
  return power
}
