import { describe, expect, it } from 'vitest'
import type { ChangePage, LiveWant, Replica } from '../../contracts/index.ts'
import { type EventId, filterOf, type LogEvent } from '../../event/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { type Cursor, start } from '../../version/index.ts'
import { eventAt, logOf, wellFormed } from '../fixtures/logs.ts'
import { LiveTail, liveTailOf, oncePerPage } from './live-tail.ts'

describe('the tail of a log', () => {
  it('gives the first page at once, also when there is nothing', async () => {
    const tail = new LiveTail(await logOf('hub'))
    const reader = follow(tail)
    await settled()
    expect(reader.pages).toEqual([{ kind: 'page', changes: [], cursor: start, more: false }])
  })

  it('gives what is there page by page, then each commit, then nothing twice', async () => {
    const log = await logOf('hub', 5)
    const tail = new LiveTail(log)
    const reader = follow(tail, { want: { count: 2, bytes: 1e6 } })
    await settled()
    expect(reader.ids).toEqual(['e0', 'e1', 'e2', 'e3', 'e4'])
    expect(reader.pages.length).toBe(3)
    await log.append([eventAt(5)])
    await settled()
    expect(reader.ids.at(-1)).toBe('e5')
    // A commit that says nothing to readers of changes.
    await log.resetLink((await log.identity()).origin)
    await settled()
    expect(reader.pages.length).toBe(4)
  })

  it('watches and reads a commit once for a thousand who stand at one cursor', async () => {
    const log = await logOf('hub', 3)
    const counted = counting(log)
    const tail = new LiveTail(counted.log)
    const readers = Array.from({ length: 1_000 }, () => follow(tail))
    await settled()
    expect(counted.reads).toBe(1)
    await log.append([eventAt(3)])
    await settled()
    expect(counted.reads).toBe(2)
    expect(counted.watches).toBe(1)
    const [first] = readers
    for (const reader of readers) {
      expect(reader.ids).toEqual(['e0', 'e1', 'e2', 'e3'])
      expect(reader.pages.at(-1)).toBe(first?.pages.at(-1))
    }
    for (const reader of readers) reader.leave()
    expect(counted.watchesOpen).toBe(0)
  })

  it('reads nothing for whoever joins a tail that has nothing new', async () => {
    const log = await logOf('hub', 1)
    const counted = counting(log)
    const tail = new LiveTail(counted.log)
    const first = follow(tail)
    await settled()
    const { cursor } = first
    const later = Array.from({ length: 100 }, () => follow(tail, { after: cursor }))
    expect(later.every(({ pages }) => pages.length === 1 && pages[0] === later[0]?.pages[0])).toBe(
      true,
    )
    expect(counted.reads).toBe(1)
  })

  it('reads once for each filter, and shows each what its own shows', async () => {
    const log = await logOf('hub')
    const counted = counting(log)
    const tail = new LiveTail(counted.log)
    const one = { count: 10, bytes: 1e6, filter: filterFor('a0') }
    const same = { count: 10, bytes: 1e6, filter: filterFor('a0') }
    const other = { count: 10, bytes: 1e6, filter: filterFor('a1') }
    const readers = [one, same, other].map((want) => follow(tail, { want }))
    await settled()
    expect(counted.reads).toBe(2)
    await log.append([eventAt(0), eventAt(1)])
    await settled()
    expect(counted.reads).toBe(4)
    expect(readers.map(({ ids }) => ids)).toEqual([['e0'], ['e0'], ['e1']])
  })

  it('keeps nothing for who refuses a page: it comes again when they go on', async () => {
    const log = await logOf('hub')
    const counted = counting(log)
    const tail = new LiveTail(counted.log)
    const quick = follow(tail)
    const slow = follow(tail)
    await settled()
    slow.takes = false
    for (let at = 0; at < 3; at++) {
      await log.append([eventAt(at)])
      await settled()
    }
    expect(slow.ids).toEqual([])
    expect(slow.refused).toBe(1)
    slow.takes = true
    slow.resume()
    await settled()
    expect(slow.ids).toEqual(['e0', 'e1', 'e2'])
    expect(quick.ids).toEqual(slow.ids)
    // In one page.
    expect(counted.reads).toBe(5)
    expect(slow.pages.length).toBe(2)
  })

  it('reads once for all who come to one cursor between two commits, and never shows what was erased', async () => {
    const log = await logOf('hub', 3)
    const counted = counting(log)
    const tail = new LiveTail(counted.log)
    for (let at = 0; at < 100; at++) {
      const reader = follow(tail)
      await settled()
      expect(reader.ids).toEqual(['e0', 'e1', 'e2'])
    }
    expect(counted.reads).toBe(1)
    await log.erase(['e1' as EventId])
    await settled()
    const late = follow(tail)
    await settled()
    expect(late.ids).toEqual(['e0', 'e2', 'e1'])
    const last = late.pages.at(-1)
    expect(last?.kind === 'page' && last.changes.at(-1)?.stub).toBe('erased')
  })

  it('S5: lets whoever is stuck for long go on by pages from their cursor', async () => {
    const log = await logOf('hub')
    const counted = counting(log)
    const tail = new LiveTail(counted.log)
    const quick = follow(tail)
    const stuck = follow(tail)
    await settled()
    stuck.takes = false
    const data = 'x'.repeat(500_000)
    for (let at = 0; at < 20; at++) {
      await log.append([{ ...eventAt(at), data }])
      await settled()
    }
    const before = counted.reads
    stuck.takes = true
    stuck.resume()
    await settled()
    expect(stuck.ids).toEqual(quick.ids)
    expect(counted.reads).toBeGreaterThan(before)
  })

  it('tells of a reset, and that is the last', async () => {
    const log = await logOf('hub', 1)
    const tail = new LiveTail(log)
    const lost = follow(tail, { after: wellFormed })
    await settled()
    await log.append([eventAt(1)])
    await settled()
    expect(lost.pages).toEqual([{ kind: 'reset' }])
  })

  it('ends for all with the error when the log fails or is closed', async () => {
    const log = await logOf('hub', 1)
    const tail = new LiveTail(log)
    const reader = follow(tail)
    await settled()
    await log.close()
    await settled()
    expect(reader.errors).toMatchObject([{ code: 'closed' }])
    const late = follow(tail)
    await settled()
    expect(late.errors).toMatchObject([{ code: 'closed' }])
  })

  it('lets one who throws go, and nobody else', async () => {
    const log = await logOf('hub')
    const tail = new LiveTail(log)
    const errors: unknown[] = []
    tail.join({
      after: start,
      want: everyPage,
      deliver() {
        throw new Error('broken')
      },
      failed: (error) => errors.push(error),
    })
    const reader = follow(tail)
    await settled()
    await log.append([eventAt(0)])
    await settled()
    expect(errors).toMatchObject([{ message: 'broken' }])
    expect(reader.ids).toEqual(['e0'])
  })

  it('is one for all who serve a log', async () => {
    const log = await logOf('hub')
    expect(liveTailOf(log)).toBe(liveTailOf(log))
    expect(liveTailOf(await logOf('other'))).not.toBe(liveTailOf(log))
  })

  it('hears of what is committed between the last read and the wait', async () => {
    const log = await logOf('hub')
    let commits = 0
    // A commit falls right behind each of the first reads, before anybody waits for it.
    const busy = override(log, {
      async changes(...given) {
        const page = await log.changes(...given)
        if (commits < 5) await log.append([eventAt(commits++)])
        return page
      },
    })
    const reader = follow(new LiveTail(busy))
    await settled()
    expect(reader.ids).toEqual(['e0', 'e1', 'e2', 'e3', 'e4'])
  })
})

describe('what is made once per page', () => {
  it('is made once, also when it is nothing', () => {
    let made = 0
    const sizeOf = oncePerPage(() => void made++)
    const page: ChangePage<LogEvent> = { kind: 'reset' }
    sizeOf(page)
    sizeOf(page)
    expect(made).toBe(1)
  })
})

const everyPage: LiveWant = { count: 1_000, bytes: 1e6 }

interface Reader {
  takes: boolean
  readonly refused: number
  readonly pages: readonly ChangePage<LogEvent>[]
  readonly ids: readonly string[]
  readonly errors: readonly unknown[]
  readonly cursor: Cursor
  resume(): void
  leave(): void
}

function follow(tail: LiveTail, given: { want?: LiveWant; after?: Cursor } = {}): Reader {
  const pages: ChangePage<LogEvent>[] = []
  const errors: unknown[] = []
  let takes = true
  let refused = 0
  const following = tail.join({
    after: given.after ?? start,
    want: given.want ?? everyPage,
    deliver(page) {
      if (takes) pages.push(page)
      else refused++
      return takes
    },
    failed: (error) => errors.push(error),
  })
  return {
    resume: () => following.resume(),
    leave: () => following.leave(),
    pages,
    errors,
    get takes() {
      return takes
    },
    set takes(value) {
      takes = value
    },
    get refused() {
      return refused
    },
    get ids() {
      return pages.flatMap((page) => (page.kind === 'page' ? page.changes.map(({ id }) => id) : []))
    },
    get cursor() {
      const last = pages.at(-1)
      return last?.kind === 'page' ? last.cursor : start
    },
  }
}

function counting(log: Replica<LogEvent>) {
  const counts = { reads: 0, watches: 0, watchesOpen: 0 }
  const counted = override(log, {
    changes(...given) {
      counts.reads++
      return log.changes(...given)
    },
    watch(signal) {
      counts.watches++
      counts.watchesOpen++
      signal.addEventListener('abort', () => counts.watchesOpen--)
      return log.watch(signal)
    },
  })
  return Object.assign(counts, { log: counted })
}

function override(
  log: Replica<LogEvent>,
  others: Partial<Pick<Replica<LogEvent>, 'changes' | 'watch'>>,
): Replica<LogEvent> {
  const { changes = log.changes.bind(log), watch = log.watch.bind(log) } = others
  return Object.assign(Object.create(log), { changes, watch })
}

function filterFor(aggregate: string) {
  const where = { operation: 'test', component: 'test' }
  return filterOf({ aggregates: [aggregate] }, systemRuntime, where)
}

/** A log in memory answers in microtasks. */
function settled(): Promise<void> {
  return new Promise((resolve) => systemRuntime.soon(() => systemRuntime.soon(resolve)))
}
