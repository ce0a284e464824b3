import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Child } from './child.ts'
import type { LiveHubOptions } from './children/live-hub.ts'
import { delayAt, LiveReader } from './live-reader.ts'
import { report, scaled, scratch } from './torture.ts'

const whole = { timeout: 600_000 }
const readers = scaled({ full: 1_000, sample: 100 })
const events = scaled({ full: 200, sample: 40 })
const eventBytes = 10_000
/** What is written while all but a few have gone: far more than any socket holds. */
const bulk = scaled({ full: 400, sample: 100 })
const bulkBytes = 900_000

it('S5: one reader who is stuck for the whole run costs the others nothing', whole, async () => {
  using folder = scratch()
  await using hub = await startHub(join(folder.path, 'hub.db'))
  const alone = await following(hub.url, readers)
  await write(hub, events, eventBytes)
  await Promise.all(alone.map((reader) => reader.has(events)))
  expect(alone.every(({ ids }) => new Set(ids).size === events && ids.length === events)).toBe(true)
  for (const reader of await writeLarge(hub, alone, events)) reader.close()
  const without = await figures(hub)

  const stuck = new LiveReader()
  stuck.cursor = alone[0]?.cursor ?? ''
  await stuck.connect(hub.url, { reads: false })
  const others = await following(hub.url, readers - 1, stuck.cursor)
  await write(hub, events, eventBytes)
  await Promise.all(others.map((reader) => reader.has(events)))
  const few = await writeLarge(hub, others, events)
  const beside = await figures(hub)
  const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20)
  report('one reader stuck', {
    readers,
    'events to each': events,
    'p50 ms alone': delayAt(0.5, alone),
    'p50 ms beside it': delayAt(0.5, others),
    'p99 ms alone': delayAt(0.99, alone),
    'p99 ms beside it': delayAt(0.99, others),
    'MiB held without it': megabytes(without.held),
    'MiB held beside it': megabytes(beside.held),
    'MiB at most without it': megabytes(without.peak),
    'MiB at most beside it': megabytes(beside.peak),
    'MiB it did not take': megabytes(bulk * bulkBytes),
    'reads without it': without.reads,
    'reads beside it': beside.reads - without.reads,
  })
  // Nothing of it was kept for who did not take it.
  expect(beside.held - without.held).toBeLessThan((bulk * bulkBytes) / 4)
  expect(beside.peak - without.peak).toBeLessThan(bulk * bulkBytes + 64 * 2 ** 20)

  stuck.read()
  await stuck.has(events + bulk)
  expect(stuck.ids).toEqual(few[0]?.ids)
  for (const reader of [...few, stuck]) reader.close()
})

/** More than sockets hold, while only three follow. */
async function writeLarge(hub: Hub, crowd: readonly LiveReader[], before: number) {
  const few = crowd.slice(0, 3)
  for (const reader of crowd.slice(3)) reader.close()
  const delays = few.map((reader) => [...reader.delays])
  for (let at = 0; at < bulk; at += 50) {
    await write(hub, 50, bulkBytes)
    await Promise.all(few.map((reader) => reader.has(before + at + 50)))
  }
  for (const [at, reader] of few.entries()) reader.delays.splice(0, Infinity, ...(delays[at] ?? []))
  return few
}

it(
  'L3: a thousand subscribers that come back at once get what they lack, once',
  whole,
  async () => {
    using folder = scratch()
    const path = join(folder.path, 'hub.db')
    const crowd: LiveReader[] = []
    let port = 0
    {
      await using hub = await startHub(path)
      port = Number(new URL(hub.url).port)
      crowd.push(...(await following(hub.url, readers)))
      await write(hub, events, 100)
      await Promise.all(crowd.map((reader) => reader.has(events)))
      await hub.kill()
    }
    await Promise.all(crowd.map((reader) => reader.lost()))
    await using hub = await startHub(path, port)
    await write(hub, events, 100)
    const first = await figures(hub)
    await Promise.all(crowd.map((reader) => reader.connect(hub.url)))
    await write(hub, events, 100)
    await Promise.all(crowd.map((reader) => reader.has(3 * events)))
    const { reads, held } = await figures(hub)
    const [one] = crowd
    for (const reader of crowd) {
      expect(new Set(reader.ids).size).toBe(3 * events)
      expect(reader.ids).toEqual(one?.ids)
      reader.close()
    }
    // Not one for each: they stood at one cursor, and met again at the end.
    expect(reads - first.reads).toBeLessThan(readers / 10 + 3 * events)
    report('all come back at once', {
      readers,
      'events each lacked': events,
      'reads for all of it': reads - first.reads,
      'MiB held': Math.round(held / 2 ** 20),
    })
  },
)

type Hub = Child & { readonly url: string }

async function startHub(path: string, port = 0): Promise<Hub> {
  const child = Child.start('live-hub', { path, port } satisfies LiveHubOptions)
  const [, url = ''] = (await child.said('listening')).split(' ')
  return Object.assign(child, { url })
}

async function following(url: string, count: number, cursor = ''): Promise<readonly LiveReader[]> {
  const crowd = Array.from({ length: count }, () => Object.assign(new LiveReader(), { cursor }))
  await Promise.all(crowd.map((reader) => reader.connect(url)))
  return crowd
}

const written = new WeakMap<Child, number>()

async function write(hub: Child, count: number, bytes: number): Promise<void> {
  const times = (written.get(hub) ?? 0) + 1
  written.set(hub, times)
  hub.tell(`write ${count} ${bytes}`)
  await hub.said('written', times)
}

const asked = new WeakMap<Child, number>()

async function figures(hub: Child) {
  const times = (asked.get(hub) ?? 0) + 1
  asked.set(hub, times)
  hub.tell('figures')
  const [, held, peak, reads] = (await hub.said('figures', times)).split(' ').map(Number)
  return { held: held ?? 0, peak: peak ?? 0, reads: reads ?? 0 }
}
