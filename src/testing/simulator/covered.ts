import type { EventStore } from '../../contracts/index.ts'
import { parseCursor, readUpTo, start } from '../../version/index.ts'
import type { Filters } from './filters.ts'
import { allEntries } from './probe.ts'
import { shownBy } from './shown.ts'

/**
 * L4: whether `store` holds everything in another log up to the cursor it has pulled from there. Gives the
 * first event that the cursor covers and the store lacks. Looks at the other log itself, not at what
 * came from it; a log that went on under other marks has no say.
 */
export async function uncovered(
  store: EventStore,
  other: EventStore,
  filters: Filters,
): Promise<string | undefined> {
  const entries = await allEntries(other)
  const { links } = await store.status()
  for (const { link, pulled } of links) {
    if (pulled === start) continue
    const page = await other.changes(pulled, { count: 1, bytes: 1 })
    const point = parseCursor(pulled)
    if (page.kind === 'reset' || point === undefined) continue
    const read = entries.filter(({ position }) => position <= readUpTo(point))
    const covered = shownBy(
      filters.named(point.filter),
      read.map(({ event }) => event),
    )
    const here = await store.fetch(covered.map(({ id }) => id))
    const byId = new Map(here.map((event) => [event.id, event]))
    const absent = covered.find(({ id, stub }) => {
      const twin = byId.get(id)
      return twin === undefined || (stub === null && twin.stub === 'withheld')
    })
    if (absent !== undefined)
      return `${absent.id} is absent or a stub, and the cursor of ${link} stands past it at ${pulled}`
  }
  return undefined
}
