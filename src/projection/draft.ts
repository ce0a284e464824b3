import type { ProjectionSink, SinkEntry, SinkRange, SinkWrite } from '../contracts/index.ts'
import { type Kind, spaceOf } from './head.ts'
import { compareTexts } from './text-order.ts'

/** One build's entries as they will be after the next commit: what is in the sink, and what is still to be written. */
export class Draft {
  readonly #sink: ProjectionSink
  readonly #name: string
  readonly #build: number
  readonly #changes = new Map<Kind, Map<string, string | null>>()
  /** Nothing was written for this build yet: there is nothing to look up. */
  readonly #isFresh: boolean
  #size = 0

  constructor(sink: ProjectionSink, name: string, build: number, isFresh: boolean) {
    this.#sink = sink
    this.#name = name
    this.#build = build
    this.#isFresh = isFresh
  }

  /** Changes that wait to be written. */
  get size(): number {
    return this.#size
  }

  put(kind: Kind, key: string, value: string | null): void {
    const changes = this.#changesOf(kind)
    if (!changes.has(key)) this.#size++
    changes.set(key, value)
  }

  async get(
    kind: Kind,
    keys: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly (string | undefined)[]> {
    const changes = this.#changes.get(kind)
    const unknown = keys.filter((key) => !changes?.has(key))
    const found = new Map<string, string | undefined>()
    if (unknown.length > 0 && !this.#isFresh) {
      const values = await this.#sink.get(this.#name, this.#space(kind), unknown, signal)
      unknown.forEach((key, at) => void found.set(key, values[at]))
    }
    return keys.map((key) => {
      const changed = changes?.get(key)
      return changed === undefined ? found.get(key) : (changed ?? undefined)
    })
  }

  /** May give fewer than the limit although there are more; none only when there are no more. */
  async list(kind: Kind, range: SinkRange, signal: AbortSignal): Promise<readonly SinkEntry[]> {
    const changed = [...(this.#changes.get(kind) ?? [])].filter(([key]) => isIn(key, range))
    let { after, before } = range
    for (;;) {
      const bounds = {
        ...(after !== undefined && { after }),
        ...(before !== undefined && { before }),
      }
      const kept = this.#isFresh
        ? []
        : await this.#sink.list(this.#name, this.#space(kind), { ...range, ...bounds }, signal)
      const end = kept.length === range.limit ? kept.at(-1)?.key : undefined
      const entries = withChanges(kept, changed, { ...range, ...bounds }, end)
      if (entries.length > 0 || end === undefined) return entries
      // All of the page is to be removed: there may be others behind it.
      if (range.reverse) before = end
      else after = end
    }
  }

  writes(): readonly SinkWrite[] {
    return [...this.#changes].flatMap(([kind, changes]) =>
      [...changes].map(([key, value]) => ({ space: this.#space(kind), key, value })),
    )
  }

  #space(kind: Kind): string {
    return spaceOf(this.#build, kind)
  }

  #changesOf(kind: Kind): Map<string, string | null> {
    const known = this.#changes.get(kind)
    if (known !== undefined) return known
    const made = new Map<string, string | null>()
    this.#changes.set(kind, made)
    return made
  }
}

/** A page of what is kept, up to its last key `end` if there is more, as the changes leave it. */
function withChanges(
  kept: readonly SinkEntry[],
  changed: readonly (readonly [string, string | null])[],
  range: SinkRange,
  end: string | undefined,
): readonly SinkEntry[] {
  const direction = range.reverse ? -1 : 1
  const inPage = changed.filter(
    ([key]) => isIn(key, range) && (end === undefined || compareTexts(key, end) * direction <= 0),
  )
  if (inPage.length === 0) return kept
  const entries = new Map(kept.map((entry) => [entry.key, entry]))
  for (const [key, value] of inPage)
    if (value === null) entries.delete(key)
    else entries.set(key, { key, value })
  const sorted = [...entries.values()].sort((a, b) => compareTexts(a.key, b.key) * direction)
  return sorted.slice(0, range.limit)
}

function isIn(key: string, { after, before }: SinkRange): boolean {
  if (after !== undefined && compareTexts(key, after) <= 0) return false
  return before === undefined || compareTexts(key, before) < 0
}
