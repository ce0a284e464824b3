import type { Page } from '../../contracts/index.ts'
import type { LogEvent } from '../../event/index.ts'
import type { Cursor } from '../../version/index.ts'

/**
 * The last pages that were read, by the cursor they follow: for those who were busy when they came. Holds a
 * bounded number of bytes, whoever is stuck.
 */
export class RecentPages {
  readonly #limit: number
  /** Oldest first. */
  readonly #pages = new Map<Cursor, { readonly page: Page<LogEvent>; readonly size: number }>()
  #size = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  after(cursor: Cursor): Page<LogEvent> | undefined {
    return this.#pages.get(cursor)?.page
  }

  add(cursor: Cursor, page: Page<LogEvent>): void {
    this.#drop(cursor)
    const size = sizeOf(page)
    if (size > this.#limit) return
    this.#pages.set(cursor, { page, size })
    this.#size += size
    for (const [oldest] of this.#pages) {
      if (this.#size <= this.#limit) return
      this.#drop(oldest)
    }
  }

  clear(): void {
    this.#pages.clear()
    this.#size = 0
  }

  #drop(cursor: Cursor): void {
    this.#size -= this.#pages.get(cursor)?.size ?? 0
    this.#pages.delete(cursor)
  }
}

function sizeOf({ changes }: Page<LogEvent>): number {
  let size = pageSize
  for (const change of changes) size += change.size
  return size
}

/** What a page weighs without its events. */
const pageSize = 200
