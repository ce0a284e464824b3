// A wait on a condition ends when that holds. How long it takes is up to the machine, and vitest's one second is too
// little for a busy one: what doesn't say itself how long it waits has this long.
import { vi } from 'vitest'

const { waitFor, waitUntil } = vi
const timeout = 30_000

vi.waitFor = (callback, options) => waitFor(callback, patient(options))
vi.waitUntil = (callback, options) => waitUntil(callback, patient(options))

function patient<T extends { readonly timeout?: number }>(options: number | T | undefined) {
  return typeof options === 'number' ? options : { timeout, ...options }
}
