import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { detached } from './detached.ts'

it('is the same text', () => {
  for (const text of ['', 'a', 'é€😀', 'x'.repeat(100)]) expect(detached(text)).toBe(text)
})

it('S5: holds nothing of the text it was cut from', () => {
  expect(bytesKeptBy((piece) => piece)).toBeGreaterThan(32 * mebibyte)
  expect(bytesKeptBy(detached)).toBeLessThan(8 * mebibyte)
})

/** What the heap grows by when 64 pieces of pages of 1 MiB are kept. */
function bytesKeptBy(keep: (piece: string) => string): number {
  const before = used()
  const kept = Array.from({ length: 64 }, (_, at) =>
    keep(`${at}`.padEnd(mebibyte, '.').slice(100, 136)),
  )
  const grown = used() - before
  expect(kept).toHaveLength(64)
  return grown
}

function used(): number {
  setFlagsFromString('--expose_gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

const mebibyte = 1024 * 1024
