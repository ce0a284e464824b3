import { describe, expect, it } from 'vitest'
import { Turns } from './turns.ts'

describe('turns', () => {
  it('are taken by a few at a time, in the order they were asked for (S5)', async () => {
    const turns = new Turns(2)
    const begun: number[] = []
    let running = 0
    let most = 0
    const work = (number: number) => async () => {
      begun.push(number)
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      if (number === 3) throw new Error('three')
      return number
    }
    const { signal } = new AbortController()
    const results = await Promise.allSettled(
      [0, 1, 2, 3, 4, 5].map((at) => turns.during(signal, work(at))),
    )
    expect(begun).toEqual([0, 1, 2, 3, 4, 5])
    expect(most).toBe(2)
    expect(results.map(({ status }) => status === 'fulfilled')).toEqual([
      true,
      true,
      true,
      false,
      true,
      true,
    ])
    expect(await turns.during(signal, work(6))).toBe(6)
  })

  it('are given up by whoever leaves while waiting', async () => {
    const turns = new Turns(1)
    const never = new AbortController()
    const leaving = new AbortController()
    let end = () => {}
    const first = turns.during(
      never.signal,
      () =>
        new Promise<void>((resolve) => {
          end = resolve
        }),
    )
    const second = turns.during(leaving.signal, async () => 'second')
    const third = turns.during(never.signal, async () => 'third')
    leaving.abort(new Error('gone'))
    await expect(second).rejects.toThrow('gone')
    end()
    await first
    expect(await third).toBe('third')
    await expect(turns.during(leaving.signal, async () => 'late')).rejects.toThrow('gone')
  })
})
