import type { Runtime } from '../../runtime/index.ts'
import type { Cursor } from '../../version/index.ts'

/**
 * How far a server of the original was read: its activity under each key, as far as it is known. `step`: what has
 * changed since is being taken in; who goes on from here looks again.
 */
export interface PivotPlace {
  readonly activities: ReadonlyMap<string, bigint>
  readonly step: number
}

/** Cursors of one set of keys; those of another say nothing. */
export class PivotCursors {
  readonly #keys: readonly string[]
  readonly #mark: string

  constructor(keys: readonly string[], runtime: Pick<Runtime, 'sha256'>) {
    this.#keys = keys.toSorted()
    this.#mark = runtime.sha256(`rejoin-pivot-keys\n${this.#keys.join('\n')}`).slice(0, 16)
  }

  format({ activities, step }: PivotPlace): Cursor {
    const times = this.#keys.map((key) => activities.get(key) ?? '-').join(',')
    return `${this.#mark}.${times}${step === 0 ? '' : `~${step}`}` as Cursor
  }

  parse(cursor: Cursor): PivotPlace {
    const [, mark, times = '', step = '0'] = form.exec(cursor) ?? []
    const activities = new Map<string, bigint>()
    if (mark !== this.#mark) return { activities, step: 0 }
    times.split(',').forEach((time, at) => {
      const key = this.#keys[at]
      if (key !== undefined && time !== '-') activities.set(key, BigInt(time))
    })
    return { activities, step: Number(step) }
  }
}

const form = /^([A-Za-z0-9_-]{16})\.((?:-|-?\d{1,19})(?:,(?:-|-?\d{1,19}))*)(?:~(\d{1,15}))?$/
