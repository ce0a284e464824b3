import { beforeEach, describe, expect, it } from 'vitest'
import { type Counts, noCounts } from './counts.ts'
import { Disk, type DiskImage, type OpenFile } from './disk.ts'
import { diskJournal } from './disk-journal.ts'
import { Fence } from './fence.ts'
import { seededRandom } from './random.ts'
import { Scheduler } from './scheduler.ts'

let scheduler: Scheduler
let counts: Counts
let disk: Disk
let fence: Fence

beforeEach(() => open(1))

function open(seed: number) {
  const random = seededRandom(seed)
  scheduler = new Scheduler(random)
  counts = noCounts()
  disk = new Disk({ name: 'a', scheduler, random, counts })
  fence = new Fence()
}

/** What the promise gives once the world has gone on as far as it can. */
async function settled<T>(work: Promise<T>): Promise<T | 'never'> {
  let result: T | 'never' = 'never'
  void work.then((value) => {
    result = value
  })
  await scheduler.run()
  return result
}

async function text(file: OpenFile): Promise<string> {
  return new TextDecoder().decode((await settled(file.read())) as Uint8Array)
}

function crash() {
  fence.drop()
  disk.crash()
  fence = new Fence()
}

const durable = (image: DiskImage) => new TextDecoder().decode(image.get('log'))

describe('a simulated disk', () => {
  it('reads what was written, flushed or not', async () => {
    const file = disk.open('log', fence)
    file.append('one ')
    file.append(new TextEncoder().encode('twö'))
    expect(await text(file)).toBe('one twö')
    expect(await text(disk.open('other', fence))).toBe('')
    expect(durable(disk.durable())).toBe('')
  })

  it('never loses what was flushed, and of the rest what luck decides', async () => {
    const left = new Set<string>()
    for (let seed = 0; seed < 200; seed++) {
      open(seed)
      const file = disk.open('log', fence)
      file.append('safe.')
      await settled(file.flush())
      file.append('lost?')
      crash()
      const found = await text(disk.open('log', fence))
      expect(found.startsWith('safe.')).toBe(true)
      left.add(found === 'safe.' ? 'lost' : found === 'safe.lost?' ? 'whole' : 'torn')
      expect(counts.tornWrites + counts.lostSuffixes).toBe(found === 'safe.lost?' ? 0 : 1)
    }
    expect(left).toEqual(new Set(['lost', 'whole', 'torn']))
  })

  it('flushes what was appended before the call, not what came after', async () => {
    const left = new Set<string>()
    for (let seed = 0; seed < 50; seed++) {
      open(seed)
      const file = disk.open('log', fence)
      file.append('before.')
      const flushed = file.flush()
      file.append('after.')
      await settled(flushed)
      expect(durable(disk.durable())).toBe('before.')
      crash()
      left.add(await text(disk.open('log', fence)))
    }
    expect(left.has('before.')).toBe(true)
  })

  it('can crash before a flush, and between the flush and its caller', async () => {
    const seen = new Set<string>()
    for (let steps = 0; steps <= 2; steps++) {
      open(1)
      const file = disk.open('log', fence)
      file.append('text')
      let flushed = false
      void file.flush().then(() => {
        flushed = true
      })
      await scheduler.run({ maxSteps: steps })
      fence.drop()
      await scheduler.run()
      seen.add(`${durable(disk.durable())} ${flushed}`)
    }
    expect([...seen]).toEqual([' false', 'text false', 'text true'])
  })

  it('ignores a life that is over', async () => {
    const file = disk.open('log', fence)
    file.append('kept')
    await settled(file.flush())
    const cut = file.truncate(0)
    crash()
    file.append('ghost')
    expect(await settled(cut)).toBe('never')
    expect(await settled(file.flush())).toBe('never')
    expect(await settled(file.read())).toBe('never')
    expect(await text(disk.open('log', fence))).toBe('kept')
  })

  it('cuts a file off for good', async () => {
    const file = disk.open('log', fence)
    file.append('keep, drop')
    await settled(file.flush())
    await settled(file.truncate(4))
    crash()
    const again = disk.open('log', fence)
    expect(await text(again)).toBe('keep')
    again.append(', more')
    await settled(again.flush())
    expect(durable(disk.durable())).toBe('keep, more')
  })

  it('is copied, restored and wiped', async () => {
    const file = disk.open('log', fence)
    file.append('monday')
    await settled(file.flush())
    const backup = disk.image()
    file.append(', tuesday')
    await settled(file.flush())
    const other = new Disk({ name: 'b', scheduler, random: seededRandom(2), counts })
    other.copy(disk.image())
    expect(await text(other.open('log', new Fence()))).toBe('monday, tuesday')
    crash()
    disk.restore(backup)
    expect(await text(disk.open('log', fence))).toBe('monday')
    crash()
    disk.wipe()
    expect(await text(disk.open('log', fence))).toBe('')
    expect(counts).toMatchObject({ copies: 1, restores: 1, wipes: 1 })
  })

  it('fails for a while: what takes time rejects, nothing is flushed, and later it is fine again', async () => {
    const file = disk.open('log', fence)
    file.append('kept')
    disk.state = 'failing'
    const flush = expect(file.flush()).rejects.toMatchObject({ code: 'storage_io' })
    const read = expect(file.read()).rejects.toMatchObject({ retryable: true })
    await scheduler.run()
    await Promise.all([flush, read])
    expect(durable(disk.durable())).toBe('')
    expect(disk.hasFailed(fence)).toBe(true)
    expect(disk.hasFailed(new Fence())).toBe(false)
    disk.state = 'fine'
    await settled(file.flush())
    expect(durable(disk.durable())).toBe('kept')
    expect(counts.diskErrors).toBe(2)
  })

  it('is full until space comes: it says so, and may have written a part', async () => {
    const parts = new Set<number>()
    for (let seed = 0; seed < 50; seed++) {
      open(seed)
      const file = disk.open('log', fence)
      file.append('1234')
      disk.state = 'full'
      expect(() => file.append('5678')).toThrow(
        expect.objectContaining({ code: 'storage_full', retryable: true }),
      )
      const { length } = await text(file)
      parts.add(length)
      disk.state = 'fine'
      file.append('.')
      expect(await text(file)).toBe(`${'12345678'.slice(0, length)}.`)
      expect(counts.fullDisks).toBe(1)
    }
    expect([...parts].toSorted()).toEqual([4, 5, 6, 7])
  })

  it('gives an image as a crash at that moment would leave it, and goes on unharmed', async () => {
    const images = new Set<string>()
    const file = disk.open('log', fence)
    file.append('12345678')
    for (let draw = 0; draw < 50; draw++) images.add(durable(disk.image()))
    expect(images.size).toBeGreaterThan(5)
    expect(await text(file)).toBe('12345678')
  })
})

describe('a journal on a simulated disk', () => {
  const journal = () => diskJournal(disk, 'log', fence)

  it('gives back its records in order, also after a crash', async () => {
    const first = journal()
    expect(await settled(first.records())).toEqual([])
    const records = ['{"n":1}', '', '{"text":"ö 🜁 \\uFEFF"}', '\uFEFF{"line":"a\\nb"}']
    for (const record of records) await settled(first.append(record))
    await first.close()
    crash()
    expect(await settled(journal().records())).toEqual(records)
  })

  it('shares flushes among appends made together, and keeps their order', async () => {
    const first = journal()
    const all = Promise.all(['1', '2', '3'].map((record) => first.append(record)))
    expect(await settled(all)).not.toBe('never')
    crash()
    expect(await settled(journal().records())).toEqual(['1', '2', '3'])
  })

  it('refuses a record on a full disk, and goes on behind what it had once there is space', async () => {
    const first = journal()
    await settled(first.append('{"kept":1}'))
    disk.state = 'full'
    await expect(first.append('{"refused":2}')).rejects.toMatchObject({ code: 'storage_full' })
    crash()
    disk.state = 'fine'
    const second = journal()
    expect(await settled(second.records())).toEqual(['{"kept":1}'])
    await settled(second.append('{"next":3}'))
    expect(await settled(journal().records())).toEqual(['{"kept":1}', '{"next":3}'])
  })

  it('drops a torn tail for good, keeps every acknowledged record, and goes on behind them', async () => {
    let torn = 0
    for (let seed = 0; seed < 300; seed++) {
      open(seed)
      const first = journal()
      await settled(first.append('{"kept":1}'))
      for (const record of ['{"n":2}', '{"n":3}']) void first.append(record)
      crash()
      const second = journal()
      const found = (await settled(second.records())) as string[]
      expect(['{"kept":1}', '{"n":2}', '{"n":3}'].slice(0, found.length)).toEqual(found)
      expect(found.length).toBeGreaterThan(0)
      torn += counts.tornWrites
      await settled(second.append('{"next":4}'))
      crash()
      expect(await settled(journal().records())).toEqual([...found, '{"next":4}'])
    }
    expect(torn).toBeGreaterThan(50)
  })
})
