import type { Page } from '../../contracts/index.ts'
import type { Sized } from './change-form.ts'

/**
 * Pages that were read a moment ago, for those who come to the same place a moment later. Holds a bounded
 * number of bytes.
 */
export class RecentPages<C extends Sized> {
  readonly #limit: number
  /** Oldest first. */
  readonly #pages = new Map<string, { readonly page: Page<C>; readonly size: number }>()
  #size = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get(key: string): Page<C> | undefined {
    return this.#pages.get(key)?.page
  }

  add(key: string, page: Page<C>): void {
    this.#drop(key)
    const size = sizeOf(page)
    if (size > this.#limit) return
    this.#pages.set(key, { page, size })
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

  #drop(key: string): void {
    this.#size -= this.#pages.get(key)?.size ?? 0
    this.#pages.delete(key)
  }
}

function sizeOf({ changes }: Page<Sized>): number {
  let size = pageSize
  for (const change of changes) size += change.size
  return size
}

/** What a page weighs without its changes. */
const pageSize = 200
