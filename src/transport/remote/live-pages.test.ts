import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { property } from '../../../test/property.ts'
import type { ChangePage, LiveWant } from '../../contracts/index.ts'
import { type EventId, filterOf, type LogEvent } from '../../event/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { MemoryStore } from '../../store/memory/index.ts'
import { type Cursor, start } from '../../version/index.ts'
import { eventAt, logOf, wellFormed } from '../fixtures/logs.ts'
import { LivePages } from './live-pages.ts'
import { LiveTail } from './live-tail.ts'

describe('the pages of a tail', () => {
  it('come one for each time they are asked for, and wait for commits', async () => {
    const log = await logOf('hub', 1)
    const pages = pagesOf(log)
    expect(idsOf(await pages.next())).toEqual(['e0'])
    const next = pages.next()
    await log.append([eventAt(1)])
    expect(idsOf(await next)).toEqual(['e1'])
    await pages.return()
    expect(await pages.next()).toEqual({ done: true, value: undefined })
  })

  it('may be asked for several at a time', async () => {
    const log = await logOf('hub', 2)
    const pages = pagesOf(log, { want: { count: 1, bytes: 1e6 } })
    const three = [pages.next(), pages.next(), pages.next()]
    await log.append([eventAt(2)])
    expect((await Promise.all(three)).map(idsOf)).toEqual([['e0'], ['e1'], ['e2']])
  })

  it('end after a reset', async () => {
    const pages = pagesOf(await logOf('hub', 1), { after: wellFormed })
    expect((await pages.next()).value).toEqual({ kind: 'reset' })
    expect((await pages.next()).done).toBe(true)
  })

  it('reject with the reason of their signal, whoever waits, and from then on', async () => {
    const stop = new AbortController()
    const pages = pagesOf(await logOf('hub'), { signal: stop.signal })
    await pages.next()
    const waiting = pages.next()
    stop.abort('enough')
    await expect(waiting).rejects.toBe('enough')
    await expect(pages.next()).rejects.toBe('enough')
    const begun = pagesOf(await logOf('hub'), { signal: AbortSignal.abort('before') })
    await expect(begun.next()).rejects.toBe('before')
  })

  it('reject when the log is closed', async () => {
    const log = await logOf('hub')
    const pages = pagesOf(log)
    await pages.next()
    const waiting = pages.next()
    await log.close()
    await expect(waiting).rejects.toMatchObject({ code: 'closed' })
  })

  it('L3: hold every entry once and in order, for readers of every speed and filter', () =>
    property(fc.array(step, { maxLength: 40 }), async (steps) => {
      const log = await MemoryStore.open({ node: 'hub' })
      const tail = new LiveTail(log)
      const stop = new AbortController()
      const open = (of: { want: LiveWant; after: Cursor; shows: Shows }) =>
        reading(new LivePages(tail, of.after, of.want, stop.signal), of.shows)
      const readers = wants.map(({ shows, ...want }) => open({ want, after: start, shows }))
      let written = 0
      const writes: Promise<unknown>[] = []
      for (const { kind, number } of steps) {
        if (kind === 'append')
          writes.push(log.append(Array.from({ length: number }, () => eventAt(written++))))
        // It moves to the end.
        if (kind === 'erase' && written > 0)
          writes.push(log.erase([`e${number % written}` as EventId]))
        if (kind === 'read') readers[number % readers.length]?.readMore(number)
        if (kind === 'join') {
          const { shows, ...want } = wants[number % wants.length] as (typeof wants)[number]
          const after = readers[number % readers.length]?.cursor ?? start
          readers.push(Object.assign(open({ want, after, shows }), { isLate: true }))
        }
        if (kind === 'pause') await pause()
      }
      await Promise.all(writes)
      const { entries } = await log.entries({ count: 10_000, bytes: 2 ** 30 })
      for (const reader of readers) {
        await reader.readAll(entries.filter(({ event }) => reader.shows(event)).at(-1)?.event)
        const final = entries.map(({ event }) => event).filter(reader.shows)
        const names = reader.seen.map(nameOf)
        expect(new Set(names).size).toBe(names.length)
        const known = new Set(final.map(nameOf))
        const lasting = names.filter((name) => known.has(name))
        // Who joined late had some of it with their cursor.
        const owed = reader.isLate ? final.slice(final.length - lasting.length) : final
        expect(lasting).toEqual(owed.map(nameOf))
      }
      stop.abort()
    }))
})

type Shows = (event: LogEvent) => boolean

const step = fc.record({
  kind: fc.constantFrom('append', 'append', 'erase', 'read', 'join', 'pause'),
  number: fc.integer({ min: 1, max: 30 }),
})

const some = filterOf({ aggregates: ['a1*'] }, systemRuntime, {
  operation: 'test',
  component: 'test',
})
const wants: readonly (LiveWant & { shows: Shows })[] = [
  { count: 1_000, bytes: 1e6, shows: () => true },
  { count: 3, bytes: 1e6, shows: () => true },
  { count: 1_000, bytes: 1, shows: () => true },
  { count: 2, bytes: 1e6, filter: some, shows: (event) => event.aggregateId.startsWith('a1') },
]

/** An entry: an event, or what is left of it, which stands elsewhere. */
function nameOf({ id, stub }: LogEvent): string {
  return `${id} ${stub}`
}

interface Reading {
  readonly shows: Shows
  readonly seen: readonly LogEvent[]
  readonly cursor: Cursor
  readonly isLate?: boolean
  readMore(pages: number): void
  readAll(until: LogEvent | undefined): Promise<void>
}

function reading(pages: LivePages, shows: Shows): Reading {
  const seen: LogEvent[] = []
  let cursor = start
  let under: Promise<unknown> = Promise.resolve()
  const take = ({ value }: IteratorResult<ChangePage<LogEvent>>) => {
    if (value?.kind !== 'page') return
    seen.push(...value.changes)
    cursor = value.cursor
  }
  return {
    shows,
    seen,
    get cursor() {
      return cursor
    },
    readMore(count) {
      // Not waited for: some of them wait for commits that never come.
      for (let at = 0; at < count; at++) under = pages.next().then(take, () => {})
    },
    async readAll(until) {
      const isThere = () =>
        until === undefined || seen.some((event) => nameOf(event) === nameOf(until))
      for (let idle = 0; !isThere() && idle < 200; idle++) {
        under = pages.next().then(take, () => {})
        await Promise.race([under, pause()])
      }
      await pause()
    },
  }
}

function pagesOf(
  log: MemoryStore,
  given: { want?: LiveWant; after?: Cursor; signal?: AbortSignal } = {},
): LivePages {
  const { want = { count: 1_000, bytes: 1e6 }, after = start } = given
  return new LivePages(new LiveTail(log), after, want, given.signal ?? new AbortController().signal)
}

function idsOf({ value }: IteratorResult<ChangePage<LogEvent>>): string[] {
  return value?.kind === 'page' ? value.changes.map(({ id }: LogEvent) => id) : []
}

function pause(): Promise<void> {
  return new Promise((resolve) => systemRuntime.soon(resolve))
}
