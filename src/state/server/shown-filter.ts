import { isGlob } from '../../contracts/index.ts'
import type { StateLimit } from './filter.ts'
import type { Registered } from './filters.ts'

/** What `/?api=filters` tells of one filter: ooo's fields, times as Go writes them. */
export function shownFilter({ pattern, filter }: Registered) {
  const { open, limit, write, delete: remove, readObject, readList } = filter
  const isOpen = open === true || limit !== undefined
  const canRead = isOpen || readObject !== undefined || readList !== undefined
  const canWrite = isOpen || write !== undefined
  return {
    path: pattern,
    type: limit ? 'limit' : open ? 'open' : typeOf(canRead, canWrite),
    canRead,
    canWrite,
    canDelete: isOpen || remove !== undefined,
    isGlob: isGlob(pattern),
    ...(limit && shownLimit(limit)),
  }
}

function typeOf(canRead: boolean, canWrite: boolean): string {
  if (canRead === canWrite) return 'custom'
  return canRead ? 'read-only' : 'write-only'
}

function shownLimit({ count, age, order, cleanup = 600_000 }: StateLimit) {
  const [most, oldest] = [saidNow(count), saidNow(age)]
  return {
    ...(most !== undefined && { limit: most }),
    ...(typeof count === 'function' && { limitDynamic: true }),
    ...(oldest !== undefined && { maxAge: goDuration(oldest) }),
    ...(typeof age === 'function' && { maxAgeDynamic: true }),
    order: order === 'oldest' ? 'asc' : 'desc',
    cleanupEnabled: true,
    cleanupInterval: goDuration(cleanup),
  }
}

/** What a function says just now; nothing when it fails, which keeping the limit reports. */
function saidNow(given: number | (() => number) | undefined): number | undefined {
  if (typeof given !== 'function') return given
  try {
    return given()
  } catch {
    return undefined
  }
}

/** Milliseconds as Go writes a duration, such as `1h0m0s` or `1.5s`. */
export function goDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return milliseconds === 0 ? '0s' : `${milliseconds}ms`
  const minutes = Math.floor(milliseconds / 60_000)
  const seconds = `${(milliseconds % 60_000) / 1_000}s`
  if (minutes === 0) return seconds
  const hours = Math.floor(minutes / 60)
  return hours === 0 ? `${minutes}m${seconds}` : `${hours}h${minutes % 60}m${seconds}`
}
