/** Is told of every piece that comes in, and throws when it is one too many. */
export type Count = (bytes: number) => void

/** Counts up to a limit, and throws what `over` gives beyond it. */
export function atMost(limit: number, over: () => Error): Count {
  let sum = 0
  return (bytes) => {
    sum += bytes
    if (sum > limit) throw over()
  }
}

/** The whole of a stream. A stream that grows beyond what `count` allows is cancelled. */
export async function collect(
  stream: ReadableStream<Uint8Array>,
  count: Count,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader()
  // One buffer that doubles: a body that comes byte by byte must not cost an object a byte.
  let buffer = new Uint8Array(4096)
  let length = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return buffer.subarray(0, length)
      count(value.byteLength)
      const needed = length + value.byteLength
      if (needed > buffer.byteLength) buffer = enlarged(buffer, length, needed)
      buffer.set(value, length)
      length = needed
    }
  } catch (error) {
    // What went wrong is already known; whether the source also minds being cancelled is not worth hearing.
    await reader.cancel(error).catch(() => {})
    throw error
  }
}

function enlarged(
  buffer: Uint8Array<ArrayBuffer>,
  length: number,
  needed: number,
): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(buffer.byteLength * 2, needed))
  larger.set(buffer.subarray(0, length))
  return larger
}
