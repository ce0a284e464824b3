/** Whether an Accept-Encoding allows gzip; `q=0` forbids it. */
export function acceptsGzip(header: string | null): boolean {
  let any = false
  for (const part of (header ?? '').toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim())
    const allowed = !parameters.some((text) => /^q\s*=\s*0(\.0*)?$/.test(text))
    if (name === 'gzip' || name === 'x-gzip') return allowed
    if (name === '*') any = allowed
  }
  return any
}

export function gzipped(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return streamOf(bytes).pipeThrough(new CompressionStream('gzip'))
}

export function gunzipped(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return stream.pipeThrough(new DecompressionStream('gzip'))
}

export function streamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes)
      controller.close()
    },
  })
}

/** Whether bytes begin as gzip does. None of our own bodies begin so: they are text. */
export function looksGzipped(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}
