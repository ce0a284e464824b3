import { describe, expect, it } from 'vitest'
import { MemoryStateStorage } from '../store/memory/index.ts'
import { SqliteStateStorage } from '../store/sqlite/index.ts'
import { testRuntime } from '../testing/acceptance/event-store/test-runtime.ts'
import { openState, type Written } from './index.ts'

describe('T5: times', () => {
  it('are never given twice, and a clock set back does not show', async () => {
    const runtime = testRuntime()
    await using state = await openState({ runtime })
    const times: bigint[] = []
    for (let n = 0; n < 50; n++) {
      if (n % 5 === 0) runtime.wall += n % 2 === 0 ? -3_600_000 : 1
      const { object } = (await state.set(`a/${n % 7}`, n)) as Written
      times.push(object.updated === 0n ? object.created : object.updated)
    }
    for (let at = 1; at < times.length; at++) expect(times[at]! > times[at - 1]!).toBe(true)
  })

  it('are never given twice after a restart, however far the clock was set back before', async () => {
    const runtime = testRuntime()
    const storage = await SqliteStateStorage.open({ runtime, path: ':memory:' })
    const times: bigint[] = []
    for (let life = 0; life < 3; life++) {
      const state = await openState({ runtime, storage })
      for (let n = 0; n < 3; n++)
        times.push(((await state.push('a/*', n)) as Written).object.created)
      runtime.wall -= 3_600_000
      times.push(((await state.push('a/*', 'set back')) as Written).object.created)
      if (life < 2) continue
      expect((await state.list('a/*')).length).toBe(12)
      await state.close()
    }
    for (let at = 1; at < times.length; at++) expect(times[at]! > times[at - 1]!).toBe(true)
  })

  it('lie above what is replaced, whosever clock was wrong, and go no further elsewhere', async () => {
    const runtime = testRuntime()
    const now = BigInt(runtime.wall) * 1_000_000n
    const hour = 3_600_000_000_000n
    const storage = await MemoryStateStorage.open({ runtime })
    const ahead = now + 2n * hour
    await storage.apply({
      via: 'there~0123456789abcdef' as never,
      role: 'pulled',
      changes: ['a', 'b'].map((path) => ({
        path,
        created: ahead,
        updated: 0n,
        dataText: '1',
        note: '',
      })),
    })
    await using state = await openState({ runtime, storage })
    const { object: a } = (await state.set('a', 2)) as Written
    const { object: b } = (await state.set('b', 2)) as Written
    const { object: c } = (await state.set('c', 2)) as Written
    expect(a.updated).toBe(ahead + 1n)
    expect(b.updated).toBe(ahead + 2n)
    expect(c.created).toBeLessThanOrEqual(now + 60_000_000_010n)
    await state.delete('a')
    const { object: again } = (await state.set('a', 3)) as Written
    expect(again.created).toBeGreaterThan(ahead)
  })

  it('of deletes of whole lists lie above all that is deleted', async () => {
    const runtime = testRuntime()
    const storage = await MemoryStateStorage.open({ runtime })
    const ahead = BigInt(runtime.wall) * 1_000_000n + 7_200_000_000_000n
    const change = { created: ahead, updated: 0n, dataText: '1', note: '' }
    const changes = [
      { ...change, path: 'a/1' },
      { ...change, path: 'a/2' },
    ]
    await storage.apply({ via: 'there~0123456789abcdef' as never, role: 'pulled', changes })
    await using state = await openState({ runtime, storage })
    await state.delete('a/*')
    const { rows } = await storage.feed()
    expect(rows.map(({ updated, dataText }) => [updated > ahead, dataText])).toEqual([
      [true, null],
      [true, null],
    ])
  })
})
