import { readSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** What the parent started this script with. */
export function given<T>(): T {
  return JSON.parse(process.argv[2] as string) as T
}

/** When this returns, the parent has it, whatever becomes of this process. */
export function say(...words: readonly (string | number | bigint)[]): void {
  writeSync(1, `${words.join(' ')}\n`)
}

/** What the parent says, line by line. */
export function heard(): AsyncIterable<string> {
  return createInterface({ input: process.stdin })
}

/**
 * Stands still, event loop and all, until the parent says something; ends with the parent. Not for
 * scripts that use `heard`.
 */
export function standStill(): string {
  const buffer = Buffer.alloc(4096)
  const length = readSync(0, buffer)
  if (length === 0) process.exit()
  return buffer.toString('utf8', 0, length).trim()
}
