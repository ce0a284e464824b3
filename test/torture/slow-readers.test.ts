import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Child } from './child.ts'
import type { LiveHubOptions } from './children/live-hub.ts'
import { delayAt, LiveReader } from './live-reader.ts'
import { report, scaled, scratch } from './torture.ts'

const whole = { timeout: 600_000 }
const readers = scaled({ full: 1_000, sample: 100 })
const events = scaled({ full: 200, sample: 40 })
/** Milliseconds between two of them. */
const pause = scaled({ full: 50, sample: 10 })
/** What is written first, while only three follow: far more than any socket holds. */
const bulk = scaled({ full: 400, sample: 100 })
const bulkBytes = 900_000

it('S5: one reader who is stuck for the whole run costs the others nothing', whole, async () => {
  using folder = scratch()
  await using hub = await startHub(join(folder.path, 'hub.db'))
  const alone = await tell(hub, '')
  const stuck = new LiveReader()
  stuck.cursor = alone.end
  await stuck.connect(hub.url, { reads: false })
  const beside = await tell(hub, alone.end)

  const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20)
  report('one reader stuck', {
    readers,
    'events to each': events,
    'p50 ms alone': delayAt(0.5, alone.crowd),
    'p50 ms beside it': delayAt(0.5, beside.crowd),
    'p99 ms alone': delayAt(0.99, alone.crowd),
    'p99 ms beside it': delayAt(0.99, beside.crowd),
    'MiB held without it': megabytes(alone.held),
    'MiB held beside it': megabytes(beside.held),
    'MiB at most without it': megabytes(alone.peak),
    'MiB at most beside it': megabytes(beside.peak),
    'MiB it did not take': megabytes(bulk * bulkBytes),
    'reads without it': alone.reads,
    'reads beside it': beside.reads - alone.reads,
  })
  // As quick as without it, but for what else the machine does meanwhile.
  for (const [share, slack] of [
    [0.5, 20],
    [0.99, 250],
  ] as const)
    expect(delayAt(share, beside.crowd)).toBeLessThan(3 * delayAt(share, alone.crowd) + slack)
  // Nothing of it was kept for who did not take it.
  expect(beside.held - alone.held).toBeLessThan((bulk * bulkBytes) / 2)
  expect(beside.peak - alone.peak).toBeLessThan(bulk * bulkBytes + 64 * 2 ** 20)

  stuck.read()
  await stuck.has(bulk + events)
  expect(stuck.ids).toEqual(beside.ids)
  stuck.close()
})

/** First much to three readers, then a little at a time to all; each gets all of it, once. */
async function tell(hub: Hub, from: string) {
  const few = await following(hub.url, 3, from)
  for (let at = 0; at < bulk; at += 50) {
    await write(hub, 50, bulkBytes)
    await Promise.all(few.map((reader) => reader.has(at + 50)))
  }
  const crowd = await following(hub.url, readers, few[0]?.cursor)
  await write(hub, events, 200, pause)
  await Promise.all(few.map((reader) => reader.has(bulk + events)))
  await Promise.all(crowd.map((reader) => reader.has(events)))
  const ids = few[0]?.ids ?? []
  expect(new Set(ids).size).toBe(bulk + events)
  for (const reader of few) expect(reader.ids).toEqual(ids)
  for (const reader of crowd) expect(reader.ids).toEqual(ids.slice(bulk))
  const end = few[0]?.cursor ?? ''
  const found = await figures(hub)
  for (const reader of [...few, ...crowd]) reader.close()
  return { crowd, ids, end, ...found }
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

async function write(hub: Child, count: number, bytes: number, apart = 0): Promise<void> {
  const times = (written.get(hub) ?? 0) + 1
  written.set(hub, times)
  hub.tell(`write ${count} ${bytes} ${apart}`)
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
