import { collect } from './bytes.ts'

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

export async function gzipped(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const packed = streamOf([bytes]).pipeThrough(new CompressionStream('gzip'))
  return (await collect(packed, { count: () => {} })).joined()
}

/** Unpacks as far as it is read, no further. Its stream fails when this is not gzip, or not all of it. */
export function gunzipped(
  pieces: Iterable<Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return streamOf(pieces).pipeThrough(new DecompressionStream('gzip'))
}

function streamOf(
  pieces: Iterable<Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const left = pieces[Symbol.iterator]()
  return new ReadableStream(
    {
      pull(controller) {
        const { done, value } = left.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
    },
    { highWaterMark: 0 },
  )
}

/** Whether bytes begin as gzip does. None of our own bodies begin so: they are text. */
export function looksGzipped(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}
