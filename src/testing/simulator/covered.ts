import type { EventStore } from '../../contracts/index.ts'
import { parseCursor, start } from '../../version/index.ts'
import { allEntries } from './probe.ts'

/**
 * L4: whether `store` holds everything in another log up to the cursor it has pulled from there. Gives the
 * first event that the cursor covers and the store lacks. Looks at the other log itself, not at what
 * came from it; a log that went on under other marks has no say.
 */
export async function uncovered(store: EventStore, other: EventStore): Promise<string | undefined> {
  const entries = await allEntries(other)
  const { links } = await store.status()
  for (const { link, pulled } of links) {
    if (pulled === start) continue
    const page = await other.changes(pulled, { count: 1, bytes: 1 })
    const point = parseCursor(pulled)
    if (page.kind === 'reset' || point === undefined) continue
    const covered = entries.filter(({ position }) => position <= point.position)
    const here = await store.fetch(covered.map(({ event }) => event.id))
    const ids = new Set(here.map(({ id }) => id))
    const absent = covered.find(({ event }) => !ids.has(event.id))
    if (absent !== undefined)
      return `${absent.event.id} at position ${absent.position} is absent, the cursor of ${link} stands at ${point.position}`
  }
  return undefined
}
