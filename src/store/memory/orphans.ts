import type { EventId, LogEvent } from '../../event/index.ts'
import type { KeptOrphan } from '../log/index.ts'

/** Headers that wait for parents, by event and by parent. */
export class Orphans {
  readonly #byId = new Map<EventId, KeptOrphan>()
  readonly #byParent = new Map<EventId, Map<EventId, LogEvent>>()

  get(id: EventId): KeptOrphan | undefined {
    return this.#byId.get(id)
  }

  of(parent: EventId): readonly LogEvent[] {
    const waiting = this.#byParent.get(parent)
    return waiting === undefined ? none : [...waiting.values()]
  }

  keep(orphan: LogEvent, parent: EventId): void {
    this.drop(orphan.id)
    this.#byId.set(orphan.id, { orphan, parent })
    const waiting = this.#byParent.get(parent) ?? new Map<EventId, LogEvent>()
    this.#byParent.set(parent, waiting.set(orphan.id, orphan))
  }

  /** Whether there was one. */
  drop(id: EventId): boolean {
    const kept = this.#byId.get(id)
    if (kept === undefined) return false
    this.#byId.delete(id)
    const waiting = this.#byParent.get(kept.parent)
    waiting?.delete(id)
    if (waiting?.size === 0) this.#byParent.delete(kept.parent)
    return true
  }

  replay(id: EventId, kept: KeptOrphan | null): void {
    if (kept === null) this.drop(id)
    else this.keep(kept.orphan, kept.parent)
  }
}

const none: readonly LogEvent[] = []
