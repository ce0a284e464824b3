// A wait on a condition ends when that holds. How long it takes is up to the machine, and vitest's one second is too
// little for a busy one: what doesn't say itself how long it waits has this long.
import { vi } from 'vitest'

const timeout = 30_000
const patient = Symbol.for('rejoin.patient')

// Test files that share a process share this as well.
if (!(patient in vi.waitFor)) {
  const { waitFor, waitUntil } = vi
  vi.waitFor = Object.assign<typeof waitFor, object>(
    (callback, options) => waitFor(callback, patiently(options)),
    { [patient]: true },
  )
  vi.waitUntil = (callback, options) => waitUntil(callback, patiently(options))
}

function patiently<T extends { readonly timeout?: number }>(options: number | T | undefined) {
  return typeof options === 'number' ? options : { timeout, ...options }
}
