import { beforeEach, expect, it } from 'vitest'
import type { ChangePage, Page, Transport } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import type { LogEvent } from '../../event/index.ts'
import { type Cursor, start } from '../../version/index.ts'
import { type Counts, noCounts } from './counts.ts'
import { Fence } from './fence.ts'
import { fairWeather, Network } from './network.ts'
import { seededRandom } from './random.ts'
import { Scheduler } from './scheduler.ts'
import { Trace } from './trace.ts'

let scheduler: Scheduler
let counts: Counts
let network: Network
let [reader, target] = [new Fence(), new Fence()]
/** Pages that the target was asked for, and whether somebody still reads there. */
let read: number
let isRead: boolean

beforeEach(() => open())

function open(loss = 0, seed = 1) {
  const random = seededRandom(seed)
  scheduler = new Scheduler(random)
  counts = noCounts()
  const trace = new Trace(scheduler)
  network = new Network({ scheduler, random, trace, counts, weather: { ...fairWeather, loss } })
  ;[reader, target] = [new Fence(), new Fence()]
  read = 0
  isRead = false
}

async function* numbered(last: number): AsyncGenerator<ChangePage<LogEvent>> {
  isRead = true
  try {
    while (read < last)
      yield { kind: 'page', changes: [], cursor: String(++read) as Cursor, more: false }
    // As a log to which nobody writes.
    if (last === quiet) await new Promise(() => {})
  } finally {
    isRead = false
  }
}

const quiet = 5

function subscribe(last: number, signal = new AbortController().signal) {
  const remote = { subscribe: () => numbered(last) } as unknown as Transport<LogEvent>
  const reach = () => (target.isDown ? undefined : remote)
  const transport = network.connect({ name: 'a', fence: reader }, 'b', reach, () => target)
  const pages = transport.subscribe?.(start, { count: 1, bytes: 1 }, signal)
  return (pages as AsyncIterable<ChangePage<LogEvent>>)[Symbol.asyncIterator]()
}

/** The numbers of the pages that come, and how it ended. */
async function all(pages: AsyncIterator<ChangePage<LogEvent>>): Promise<readonly unknown[]> {
  const got: unknown[] = []
  const reading = (async () => {
    for (;;) {
      const { done, value } = await pages.next()
      if (done) return got.push('end')
      got.push(Number((value as Page<LogEvent>).cursor))
    }
  })()
  reading.catch((error) => got.push(error instanceof RejoinError ? error.code : error))
  await scheduler.run()
  return got
}

it('a stream brings its pages in order, each once, and takes its time', async () => {
  expect(await all(subscribe(20))).toEqual([
    ...Array.from({ length: 20 }, (_, at) => at + 1),
    'end',
  ])
  expect(counts.livePages).toBe(20)
  expect(scheduler.now).toBeGreaterThan(20)
  expect(isRead).toBe(false)
})

it('a stream whose page is lost breaks there: what came is a beginning, without a gap', async () => {
  const ends = new Set<unknown>()
  for (let seed = 1; seed <= 40; seed++) {
    open(0.05, seed)
    const got = await all(subscribe(20))
    const pages = got.slice(0, -1)
    expect(pages).toEqual(pages.map((_, at) => at + 1))
    ends.add(got.at(-1))
    expect(isRead).toBe(false)
  }
  expect([...ends].toSorted()).toEqual(['end', 'network', 'timeout'])
  expect(counts.livePages).toBeGreaterThan(0)
})

it('a reader that takes nothing is sent a bounded number of pages', async () => {
  const pages = subscribe(1_000)
  const first = pages.next()
  await scheduler.run()
  expect(await first).toMatchObject({ done: false, value: { cursor: '1' } })
  expect(read).toBeLessThanOrEqual(4)
  expect(counts.waitingPages).toBeGreaterThan(0)
})

it('a stream breaks when the target dies, and never ends for a reader that dies', async () => {
  const broken = all(subscribe(quiet))
  scheduler.after(1_000, 'crash', () => target.drop())
  expect(await broken).toEqual([1, 2, 3, 4, 5, 'network'])
  expect(await all(subscribe(quiet))).toEqual(['network'])
  open()
  const dead = all(subscribe(quiet))
  scheduler.after(1_000, 'crash', () => reader.drop())
  expect(await dead).toEqual([1, 2, 3, 4, 5])
})

it('a cut takes what travels, and lets a quiet stream be', async () => {
  const stream = all(subscribe(quiet))
  scheduler.after(1_000, 'cut', () => network.split(['a'], ['b']))
  expect(await stream).toEqual([1, 2, 3, 4, 5])
  expect(counts.brokenStreams).toBe(0)
  expect(await all(subscribe(quiet))).toEqual([expect.stringMatching(/network|timeout/)])
})

it('an abort ends a stream at once, with its reason', async () => {
  const controller = new AbortController()
  const stream = all(subscribe(quiet, controller.signal))
  scheduler.after(1_000, 'abort', () => controller.abort('enough'))
  expect(await stream).toEqual([1, 2, 3, 4, 5, 'enough'])
})
