import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import { type Fence, never } from './fence.ts'
import type { NodeClock } from './node-clock.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'

export interface NodeRuntimeOptions {
  /** Stands before its tasks in the trace. */
  readonly name: string
  readonly scheduler: Scheduler
  readonly random: Random
  readonly clock: NodeClock
  /** This life of the node. */
  readonly fence: Fence
}

/**
 * The runtime of one life of one node: its own clock and random numbers, timers through the scheduler.
 * Hashes are real. When its fence is down no timer fires and no sleep ends.
 */
export function nodeRuntime(options: NodeRuntimeOptions): Runtime {
  const { name, scheduler, random, clock, fence } = options
  const later = (ms: number, label: string, callback: () => void) =>
    scheduler.after(clock.trueTime(ms), `${name} ${label}`, fence.guard(callback))

  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    timer: (ms, callback) => later(ms, 'timer', callback),
    soon: (callback) => void later(0, 'soon', callback),
    sleep: (ms, signal) => (fence.isDown ? never() : sleep(ms, signal)),
    random: () => random.next(),
    randomBytes: (length) => random.bytes(length),
    sha256: systemRuntime.sha256,
  }

  function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const timer = later(ms, 'sleep', () => {
        signal?.removeEventListener('abort', stop)
        resolve()
      })
      const stop = fence.guard(() => {
        timer.cancel()
        reject(signal?.reason)
      })
      signal?.addEventListener('abort', stop, { once: true })
    })
  }
}
