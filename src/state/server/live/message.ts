import type { Position } from '../../../version/index.ts'

/** One message to every subscriber of a pattern: encoded once, the same buffer for all. */
export interface Message {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Of the change it tells. */
  readonly position: Position
}

export function messageOf(
  data: string,
  { position, version, snapshot }: { position: Position; version: string; snapshot: boolean },
): Message {
  const text = `{"data":${data},"version":"${version}","snapshot":${snapshot}}`
  return { bytes: encoder.encode(text), position }
}

const encoder = new TextEncoder()
