import fc from 'fast-check'
import { expect, it } from 'vitest'
import { property } from '../../../test/property.ts'
import { linesOf } from './lines.ts'

async function read(chunks: readonly Uint8Array[], most = 100) {
  const lines: [number, string][] = []
  async function* stream() {
    yield* chunks
  }
  for await (const batch of linesOf(stream(), most))
    for (const { number, bytes } of batch) lines.push([number, Buffer.from(bytes).toString()])
  return lines
}

it('numbers the lines, however the stream is cut', async () => {
  const texts = fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ' ')))
  const input = fc.record({ texts, size: fc.integer({ min: 1, max: 9 }) })
  await property(input, async ({ texts, size }) => {
    const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''))
    const chunks: Uint8Array[] = []
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
    expect(await read(chunks, 10_000)).toEqual(texts.map((text, at) => [at + 1, text]))
  })
})

it('takes a last line without a line feed', async () => {
  expect(await read([Buffer.from('a\nb')])).toEqual([
    [1, 'a'],
    [2, 'b'],
  ])
  expect(await read([])).toEqual([])
})

it('refuses an endless line before it fills the memory, and names it', async () => {
  let chunks = 0
  async function* endless() {
    yield Buffer.from('short\n')
    for (;;) {
      chunks++
      yield Buffer.alloc(60, 'x')
    }
  }
  const reading = async () => {
    for await (const batch of linesOf(endless(), 100)) expect(batch).toHaveLength(1)
  }
  await expect(reading()).rejects.toThrow('line 2 is longer than 100 bytes. Nothing is stored')
  expect(chunks).toBe(2)
})
