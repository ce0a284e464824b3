import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { property } from '../../../test/property.ts'
import { Blocks } from './blocks.ts'

describe('blocks', () => {
  it('hold exactly what was added, in order', async () => {
    const size = fc.oneof(fc.nat(20), fc.nat(100_000))
    await property(fc.array(size, { maxLength: 30 }), async (sizes) => {
      const blocks = new Blocks(() => {})
      const pieces = sizes.map((length, at) => new Uint8Array(length).fill(at + 1))
      for (const piece of pieces) blocks.add(piece)
      const whole = Buffer.concat(pieces)
      expect(whole.equals(blocks.joined())).toBe(true)
      expect(whole.equals(Buffer.concat([...blocks]))).toBe(true)
    })
  })

  it('ask before they take memory, and take little more than they hold', () => {
    let reserved = 0
    const blocks = new Blocks((bytes) => {
      reserved += bytes
    })
    for (let at = 0; at < 100_000; at++) blocks.add(new Uint8Array(1))
    expect(reserved).toBeGreaterThanOrEqual(100_000)
    expect(reserved).toBeLessThan(200_000)
    expect([...blocks].length).toBeLessThan(10)
  })

  it('do not keep a large buffer alive for a small view of it', () => {
    let reserved = 0
    const blocks = new Blocks((bytes) => {
      reserved += bytes
    })
    const large = new Uint8Array(1_000_000)
    blocks.add(large.subarray(0, 5_000))
    expect(reserved).toBeLessThan(20_000)
    blocks.add(large)
    expect(reserved).toBeGreaterThan(1_000_000)
  })

  it('take nothing when they are refused', () => {
    const blocks = new Blocks(() => {
      throw new Error('no')
    })
    expect(() => blocks.add(new Uint8Array(1))).toThrow('no')
    expect(() => blocks.add(new Uint8Array(100_000))).toThrow('no')
    expect(blocks.joined()).toHaveLength(0)
  })
})
