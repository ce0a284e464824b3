import { sha256 } from './sha256.ts'

/**
 * Everything that waits, tells the time or draws a random number. Production code never reaches past
 * it; that is what lets the simulator replay a whole cluster from one seed.
 */
export interface Runtime {
  /** Wall clock, milliseconds since 1970. May jump in both directions. */
  now(): number
  /** Milliseconds from an arbitrary start; never goes back. For durations. */
  monotonic(): number
  /** Calls back once after at least `ms`. Does not keep the process alive. */
  timer(ms: number, callback: () => void): Timer
  /** Calls back once the work already queued (microtasks, ready I/O) has run. */
  soon(callback: () => void): void
  /** Resolves after at least `ms`; rejects with the signal's reason as soon as it aborts. */
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
  timer(ms, callback) {
    const handle: unknown = setTimeout(callback, ms)
    if (hasUnref(handle)) handle.unref()
    return { cancel: () => clearTimeout(handle as number) }
  },
  soon,
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop)
        resolve()
      }, ms)
      const stop = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', stop, { once: true })
    })
  },
  random: () => Math.random(),
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  sha256,
}

function soon(callback: () => void): void {
  const immediate = (globalThis as { setImmediate?: (run: () => void) => unknown }).setImmediate
  if (immediate === undefined) setTimeout(callback, 0)
  else immediate(callback)
}

function hasUnref(handle: unknown): handle is { unref(): void } {
  return typeof handle === 'object' && handle !== null && 'unref' in handle
}
