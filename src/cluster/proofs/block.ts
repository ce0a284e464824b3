import { lanes, type Sum } from './sum.ts'

/** Some paths in their order, and the sum of each, one after the other. */
export interface Block {
  readonly paths: string[]
  readonly sums: Sum
}

export function newBlock(): Block {
  return { paths: [], sums: new Uint32Array(mostPaths * lanes) }
}

/** Makes room for a path among the others; its sum is still to be set. */
export function insertAt({ paths, sums }: Block, at: number, path: string): void {
  sums.copyWithin((at + 1) * lanes, at * lanes, paths.length * lanes)
  paths.splice(at, 0, path)
}

export function removeAt({ paths, sums }: Block, at: number): void {
  sums.copyWithin(at * lanes, (at + 1) * lanes, paths.length * lanes)
  paths.splice(at, 1)
}

/** Takes its second half out of it. */
export function halved({ paths, sums }: Block): Block {
  const half = newBlock()
  const from = paths.length >>> 1
  half.paths.push(...paths.splice(from))
  half.sums.set(sums.subarray(from * lanes, (from + half.paths.length) * lanes))
  return half
}

/** With so many it is to be halved. The sum of a range takes as many additions at most at each of its ends. */
export const mostPaths = 256
