import type { Draft } from './draft.ts'
import type { Place } from './place.ts'

/** One key's result and how far it goes. */
export interface KeyRecord {
  /** Events folded. */
  readonly count: number
  /** Of the last of them, whether its fold threw or not; empty for none. */
  readonly place: Place
  /** `undefined`: there is no result. */
  readonly state: unknown
}

export const noRecord: KeyRecord = { count: 0, place: '', state: undefined }

export function recordText({ count, place, state }: KeyRecord): string {
  return JSON.stringify({ count, place, state })
}

export function parseRecord(text: string | undefined): KeyRecord {
  if (text === undefined) return noRecord
  const { count, place, state } = JSON.parse(text) as KeyRecord
  return { count, place, state }
}

/** The records that were used last, kept as values until the next commit needs their text. */
export class Records {
  readonly #held = new Map<string, Held>()
  readonly #changed = new Set<string>()
  #bytes = 0

  /** How many are to be written. */
  get changed(): number {
    return this.#changed.size
  }

  /** Makes `get` know these. */
  async load(keys: Iterable<string>, draft: Draft, signal: AbortSignal): Promise<void> {
    const missing = [...keys].filter((key) => !this.#held.has(key))
    if (missing.length === 0) return
    const texts = await draft.get('results', missing, signal)
    missing.forEach((key, at) => {
      const text = texts[at]
      this.#hold(key, { record: parseRecord(text), bytes: text?.length ?? 0 })
    })
  }

  get(key: string): KeyRecord {
    return this.#held.get(key)?.record ?? noRecord
  }

  set(key: string, record: KeyRecord): void {
    const bytes = this.#held.get(key)?.bytes ?? 0
    this.#hold(key, { record, bytes })
    this.#changed.add(key)
  }

  /** Puts the text of what has changed into the draft. */
  flush(draft: Draft): void {
    for (const key of this.#changed) {
      const { record } = this.#held.get(key) as Held
      const text = record.count === 0 ? null : recordText(record)
      draft.put('results', key, text)
      this.#hold(key, { record, bytes: text?.length ?? 0 })
    }
    this.#changed.clear()
  }

  /** S5: lets those go that were not used for longest. Only when nothing waits to be written. */
  trim(): void {
    for (const key of this.#held.keys()) {
      if (this.#held.size <= mostHeld && this.#bytes <= mostBytes) return
      this.#drop(key)
    }
  }

  #hold(key: string, held: Held): void {
    this.#drop(key)
    this.#held.set(key, held)
    this.#bytes += held.bytes
  }

  #drop(key: string): void {
    this.#bytes -= this.#held.get(key)?.bytes ?? 0
    this.#held.delete(key)
  }
}

interface Held {
  readonly record: KeyRecord
  /** Of its text, when it last had one. */
  readonly bytes: number
}

const mostHeld = 10_000
const mostBytes = 32 * 1024 * 1024
