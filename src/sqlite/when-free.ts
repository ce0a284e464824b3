import type { Runtime } from '../runtime/index.ts'
import { isBusy } from './failure.ts'

/**
 * Tries again, with waits that grow to 25 ms, while another connection holds what is needed. Throws the last
 * `SQLITE_BUSY` after 30 s, any other error at once, and the signal's reason as soon as it aborts.
 */
export async function whenFree<T>(
  runtime: Runtime,
  attempt: () => T | Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const end = runtime.monotonic() + busyMilliseconds
  for (let wait = 1; ; wait = Math.min(wait * 2, 25)) {
    signal?.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      if (!isBusy(error) || runtime.monotonic() >= end) throw error
    }
    await runtime.sleep(wait * (0.5 + runtime.random() / 2), signal)
  }
}

const busyMilliseconds = 30_000
