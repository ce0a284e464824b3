import { sha256 } from './sha256.ts'
import { soon } from './soon.ts'

/**
 * Everything that waits, tells the time or draws a random number. Production code never reaches past
 * it; that is what lets the simulator replay a whole cluster from one seed.
 */
export interface Runtime {
  /** Wall clock, milliseconds since 1970. May jump in both directions. */
  now(): number
  /** Milliseconds from an arbitrary start; never goes back. For durations. */
  monotonic(): number
  /** Calls back once after at least `ms`, to the millisecond. Does not keep the process alive. */
  timer(ms: number, callback: () => void): Timer
  /** Calls back once the work already queued (microtasks, ready I/O) has run. */
  soon(callback: () => void): void
  /**
   * Resolves after at least `ms`, to the millisecond; rejects with the signal's reason as soon as it
   * aborts. Keeps the process alive, because somebody waits for what comes next.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Uniform in [0, 1). Not for secrets. */
  random(): number
  /** Cryptographically strong random bytes. */
  randomBytes(length: number): Uint8Array
  /** SHA-256 of the text's UTF-8, as unpadded base64url (43 characters). */
  sha256(text: string): string
}

/** A pending callback; cancelling it twice, or after it ran, does nothing. */
export interface Timer {
  cancel(): void
}

/** The real thing: this process's clocks, timers and random numbers. */
export const systemRuntime: Runtime = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  timer: (ms, callback) => alarm(ms, callback, false),
  soon,
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const stop = () => {
        timer.cancel()
        reject(signal?.reason)
      }
      const wake = () => {
        signal?.removeEventListener('abort', stop)
        resolve()
      }
      const timer = alarm(ms, wake, true)
      signal?.addEventListener('abort', stop, { once: true })
    })
  },
  random: () => Math.random(),
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  sha256,
}

function alarm(ms: number, callback: () => void, keepsAlive: boolean): Timer {
  let handle: unknown
  const arm = (left: number) => {
    const ring = left > longestTimeout ? () => arm(left - longestTimeout) : callback
    handle = setTimeout(ring, Math.min(left, longestTimeout))
    if (!keepsAlive && hasUnref(handle)) handle.unref()
  }
  arm(ms)
  return { cancel: () => clearTimeout(handle as number) }
}

function hasUnref(handle: unknown): handle is { unref(): void } {
  return typeof handle === 'object' && handle !== null && 'unref' in handle
}

// Hosts take a longer wait for no wait at all.
const longestTimeout = 2 ** 31 - 1
