import type { Runtime } from './runtime.ts'

/**
 * A source of UUIDv7 (RFC 9562, method 1 of section 6.2): milliseconds, a 12-bit counter that restarts
 * at random each millisecond, random bits. Ids of one source increase, so that an index over them grows
 * at its right edge; when the clock goes back, the last millisecond is used further.
 */
export function uuidv7(runtime: Pick<Runtime, 'now' | 'randomBytes'>): () => string {
  let millis = 0
  let counter = 0
  let pool: Uint8Array = new Uint8Array(0)
  let used = 0

  const draw = (length: number): Uint8Array => {
    if (used + length > pool.length) {
      pool = runtime.randomBytes(4096)
      used = 0
    }
    used += length
    return pool.subarray(used - length, used)
  }

  return () => {
    const now = Math.floor(runtime.now())
    const random = draw(10)
    if (now > millis) {
      millis = now
      counter = (((random[8] as number) << 8) | (random[9] as number)) & 0x7ff
    } else if (++counter > 0xfff) {
      millis++
      counter = 0
    }
    let tail = hex[((random[0] as number) & 0x3f) | 0x80] as string
    tail += hex[random[1] as number]
    tail += '-'
    for (let at = 2; at < 8; at++) tail += hex[random[at] as number]
    const time = millis.toString(16).padStart(12, '0')
    const count = counter.toString(16).padStart(3, '0')
    return `${time.slice(0, 8)}-${time.slice(8)}-7${count}-${tail}`
  }
}

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
