import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { property } from '../../test/property.ts'
import type { ProjectionSink } from '../contracts/index.ts'
import { SqliteStore } from '../store/sqlite/index.ts'
import { handDriven } from '../transport/fixtures/hand-driven.ts'
import { memorySink, outbox } from './index.ts'

describe('S5: an outbox', () => {
  it.each([
    ['in memory', async () => memorySink()],
    [
      'in the file of a log',
      async () => (await SqliteStore.open({ path: ':memory:' })).projections,
    ],
  ])('%s holds no more than it is to keep, however much was done', async (_, open) => {
    const sink = await open()
    const box = outbox({ name: 'mails', sink, keep: 10 })
    let most = 0
    for (let n = 0; n < 100; n++) {
      expect(await box.once(`e${n}`, () => {})).toBe('done')
      most = Math.max(most, await rowsIn(sink))
    }
    // An entry and a token each, of those that are kept and the one at hand.
    expect(most).toBeLessThanOrEqual(2 * 11)
    for (let n = 90; n < 100; n++)
      expect(await box.once(`e${n}`, () => expect.unreachable())).toBe('already')
    expect(await box.once('e0', () => {})).toBe('done')
  })

  it('keeps nothing of what failed', async () => {
    const sink = memorySink()
    const box = outbox({ name: 'mails', sink })
    for (let n = 0; n < 50; n++)
      await expect(box.once(`e${n}`, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await rowsIn(sink)).toBe(0)
  })

  it('forgets what workers left that are gone, and never what one is at', async () => {
    const runtime = handDriven()
    const sink = memorySink()
    const box = outbox({ name: 'mails', sink, runtime, lease: 1_000, keep: 5 })
    const never = new Promise<void>(() => {})
    for (let n = 0; n < 3; n++) void box.once(`left ${n}`, () => never)
    await passes(box, 'while they work', 30)
    for (let n = 0; n < 3; n++)
      await expect(box.once(`left ${n}`, () => {})).rejects.toMatchObject({ code: 'unavailable' })
    runtime.pass(1_001)
    await passes(box, 'after that', 30)
    expect(await rowsIn(sink)).toBeLessThanOrEqual(2 * 6)
  })

  it('clears what has piled up under a greater number', async () => {
    const sink = memorySink()
    await passes(outbox({ name: 'mails', sink }), 'many', 200)
    expect(await rowsIn(sink)).toBe(400)
    await passes(outbox({ name: 'mails', sink, keep: 5 }), 'few', 60)
    expect(await rowsIn(sink)).toBeLessThanOrEqual(2 * 6)
  })

  it('runs nothing twice within what it keeps, whoever fails and asks again', () =>
    property(
      fc.array(fc.record({ id: fc.nat(9), fails: fc.boolean(), worker: fc.nat(1) }), {
        maxLength: 60,
      }),
      async (tries) => {
        const sink = memorySink()
        const workers = [1, 2].map(() => outbox({ name: 'mails', sink, keep: 6 }))
        /** The try at which each was done. */
        const done = new Map<number, number>()
        let begun = 0
        for (const { id, fails, worker } of tries) {
          let ran = false
          const effect = () => {
            ran = true
            begun++
            if (fails) throw new Error('no')
          }
          const outcome = await workers[worker]!.once(`e${id}`, effect).catch(() => 'failed')
          const doneAt = done.get(id)
          if (ran) expect(begun - (doneAt ?? -6)).toBeGreaterThanOrEqual(6)
          else expect(doneAt).toBeDefined()
          expect(outcome).toBe(ran ? (fails ? 'failed' : 'done') : 'already')
          if (outcome === 'done') done.set(id, begun)
          else if (ran) done.delete(id)
        }
        expect(await rowsIn(sink)).toBeLessThanOrEqual(2 * 7)
      },
    ))

  it.each([0, -1, 1.5, '5', 2_000_000_000])('is not made to keep %j', (keep) => {
    const options = { name: 'mails', sink: memorySink(), keep: keep as number }
    expect(() => outbox(options)).toThrow('keep must be a whole number from 1 to 1000000000')
  })
})

async function passes(box: ReturnType<typeof outbox>, name: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) expect(await box.once(`${name} ${n}`, () => {})).toBe('done')
}

async function rowsIn(sink: ProjectionSink): Promise<number> {
  const spaces = await Promise.all(
    ['effects', 'tokens'].map((space) => sink.list('outbox:mails', space, { limit: 10_000 })),
  )
  return spaces.reduce((rows, entries) => rows + entries.length, 0)
}
