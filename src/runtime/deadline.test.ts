import { describe, expect, it, vi } from 'vitest'
import { withDeadline } from './deadline.ts'
import { type Runtime, systemRuntime } from './runtime.ts'

describe('withDeadline', () => {
  it('gives what the work gives, and cancels the timer', async () => {
    const clock = handClock()
    await expect(withDeadline(clock.runtime, 100, undefined, tooLate, async () => 7)).resolves.toBe(
      7,
    )
    expect(clock.waits).toEqual([100])
    expect(clock.pending()).toBe(0)
  })

  it('aborts the work with the late error when the time is up', async () => {
    const clock = handClock()
    const work = withDeadline(clock.runtime, 100, undefined, tooLate, untilAborted)
    clock.ring()
    await expect(work).rejects.toThrow('too late')
    expect(clock.pending()).toBe(0)
  })

  it('aborts the work with the caller’s reason as soon as the caller does', async () => {
    const clock = handClock()
    const outer = new AbortController()
    const work = withDeadline(clock.runtime, 100, outer.signal, tooLate, untilAborted)
    outer.abort('caller')
    await expect(work).rejects.toBe('caller')
    expect(clock.pending()).toBe(0)
  })

  it('does not begin for a caller who has aborted', async () => {
    const clock = handClock()
    const work = vi.fn(untilAborted)
    const signal = AbortSignal.abort('before')
    await expect(withDeadline(clock.runtime, 100, signal, tooLate, work)).rejects.toBe('before')
    expect(work).not.toHaveBeenCalled()
    expect(clock.waits).toEqual([])
  })

  it('leaves nothing behind when the work fails, even before it waits', async () => {
    const clock = handClock()
    const { signal } = new AbortController()
    const [add, remove] = [
      vi.spyOn(signal, 'addEventListener'),
      vi.spyOn(signal, 'removeEventListener'),
    ]
    const broken = () => {
      throw new Error('broken')
    }
    await expect(withDeadline(clock.runtime, 100, signal, tooLate, broken)).rejects.toThrow(
      'broken',
    )
    expect(clock.pending()).toBe(0)
    expect(remove).toHaveBeenCalledWith('abort', add.mock.calls[0]?.[1])
  })
})

const tooLate = () => new Error('too late')

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/** Timers that ring when told to. */
function handClock() {
  const rings = new Set<() => void>()
  const waits: number[] = []
  const runtime: Runtime = {
    ...systemRuntime,
    timer(ms, callback) {
      waits.push(ms)
      rings.add(callback)
      return { cancel: () => rings.delete(callback) }
    },
  }
  return {
    runtime,
    waits,
    pending: () => rings.size,
    ring: () => {
      for (const callback of rings) callback()
    },
  }
}
