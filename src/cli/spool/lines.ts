import { failure } from '../misuse.ts'

export interface Line {
  /** From 1 on. */
  readonly number: number
  /** Without its line feed. */
  readonly bytes: Uint8Array
}

/** The lines of a stream, as many at a time as a chunk brings; a line longer than `most` bytes is refused. */
export async function* linesOf(
  stream: AsyncIterable<Uint8Array>,
  most: number,
): AsyncGenerator<readonly Line[], void> {
  let number = 0
  let begun: Uint8Array[] = []
  let begunBytes = 0
  const take = (piece: Uint8Array): void => {
    begunBytes += piece.length
    if (begunBytes > most)
      throw failure(
        'too_large',
        `line ${number + 1} is longer than ${most} bytes. Nothing is stored`,
      )
    if (piece.length > 0) begun.push(piece)
  }
  const finish = (): Line => {
    const bytes = begun.length === 1 ? (begun[0] as Uint8Array) : Buffer.concat(begun)
    begun = []
    begunBytes = 0
    number++
    return { number, bytes }
  }
  for await (const chunk of stream) {
    const lines: Line[] = []
    let from = 0
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, from)) {
      take(chunk.subarray(from, end))
      lines.push(finish())
      from = end + 1
    }
    take(chunk.subarray(from))
    if (lines.length > 0) yield lines
  }
  if (begunBytes > 0) yield [finish()]
}

const lineFeed = 0x0a
