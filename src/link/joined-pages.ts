import type { ChangePage, Page } from '../contracts/index.ts'
import type { Runtime } from '../runtime/index.ts'
import type { Change } from './change.ts'
import type { BatchSize } from './pace.ts'

/**
 * The pages of a stream, where those that are at hand by the time they are wanted come as one, up to a batch: who was
 * suspended finds thousands of pages of one change each, and each page that is taken in is a commit and a flush. A page
 * that nothing has come behind is passed on at once.
 */
export async function* joinedPages<C extends Change>(
  pages: AsyncIterator<ChangePage<C>, void>,
  { most, runtime }: { readonly most: BatchSize; readonly runtime: Pick<Runtime, 'soon'> },
): AsyncGenerator<ChangePage<C>, void> {
  try {
    for (let coming = comingOf(pages); ; ) {
      const isBacklog = coming.page !== undefined
      const { done, value: first } = await coming.result
      if (done || first === undefined) return
      coming = comingOf(pages)
      if (!isBacklog || first.kind === 'reset') {
        yield first
        continue
      }
      const joined = new Joined(first, most)
      for (;;) {
        await new Promise<void>((resolve) => runtime.soon(resolve))
        if (coming.page === undefined || !joined.takes(coming.page)) break
        coming = comingOf(pages)
      }
      yield joined.page
    }
  } finally {
    // Not awaited: it may come only with the next page.
    pages.return?.()?.then(undefined, () => {})
  }
}

interface Coming<C> {
  readonly result: Promise<IteratorResult<ChangePage<C>, void>>
  /** Once it is here. */
  page?: ChangePage<C>
}

/** The page behind the ones before, which travels while those are taken in. */
function comingOf<C>(pages: AsyncIterator<ChangePage<C>, void>): Coming<C> {
  const coming: Coming<C> = { result: pages.next() }
  coming.result.then(
    ({ done, value }) => {
      if (!done) coming.page = value
    },
    // Seen when it is awaited.
    () => {},
  )
  return coming
}

/** Several pages as one. */
class Joined<C extends Change> {
  readonly #most: BatchSize
  readonly #first: Page<C>
  readonly #changes: C[]
  readonly #ids: Set<string>
  #last: Page<C>
  #size: number

  constructor(first: Page<C>, most: BatchSize) {
    this.#most = most
    this.#first = first
    this.#last = first
    this.#changes = [...first.changes]
    this.#ids = new Set(first.changes.map(({ id }) => id))
    this.#size = sizeOf(first)
  }

  get page(): Page<C> {
    const { cursor, more } = this.#last
    return { ...this.#first, changes: this.#changes, cursor, more }
  }

  /** `false`, and it is left as it is: it says more than changes, has one of these once more, or is too much. */
  takes(page: ChangePage<C>): boolean {
    if (page.kind === 'reset' || !isPlain(this.#first) || !isPlain(page)) return false
    const size = this.#size + sizeOf(page)
    const { count, bytes } = this.#most
    if (this.#changes.length + page.changes.length > count || size > bytes) return false
    if (page.changes.some(({ id }) => this.#ids.has(id))) return false
    for (const change of page.changes) {
      this.#changes.push(change)
      this.#ids.add(change.id)
    }
    this.#last = page
    this.#size = size
    return true
  }
}

function isPlain<C>({ leftOut, orphans, unreadable }: Page<C>): boolean {
  return leftOut === undefined && orphans === undefined && unreadable === undefined
}

function sizeOf<C extends Change>({ changes }: Page<C>): number {
  return changes.reduce((sum, { size }) => sum + size, 0)
}
