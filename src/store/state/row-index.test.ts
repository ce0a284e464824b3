import fc from 'fast-check'
import { expect, it } from 'vitest'
import { property } from '../../../test/property.ts'
import type { Position } from '../../version/index.ts'
import { RowIndex } from './row-index.ts'
import type { Row } from './tables.ts'

const step = fc.record({
  path: fc.constantFrom('a', 'b', 'l/1', 'l/2', 'l/3'),
  does: fc.constantFrom('write', 'write', 'delete', 'forget'),
  /** How often, so that now and then it is more than a feed keeps of what has been replaced. */
  times: fc.constantFrom(1, 1, 1, 600),
})

it('holds the last row of each path, in feed order, whatever was written, deleted and forgotten', async () => {
  await property(fc.array(step, { maxLength: 40 }), async (steps) => {
    const index = new RowIndex()
    const model = new Map<string, Row>()
    let end = 0n
    for (const { path, does, times } of steps)
      for (let time = 0; time < times; time++) {
        model.delete(path)
        if (does === 'forget') {
          index.drop(path)
          continue
        }
        const row = rowAt(path, ++end, does === 'delete' ? null : '{}')
        index.put(row)
        model.set(path, row)
      }
    const living = [...model.values()].filter(({ dataText }) => dataText !== null)
    expect([index.objects, index.tombstones]).toEqual([living.length, model.size - living.length])
    expect(new Set(index.living())).toEqual(new Set(living))
    const listed = living.filter(({ path }) => path.startsWith('l/'))
    expect(new Set(index.living('l/*'))).toEqual(new Set(listed))
    for (const after of [0n, end / 2n, end - 1n, end]) {
      const wanted = [...model.values()].filter(({ position }) => position > after)
      expect([...index.scan(after as Position)]).toEqual(wanted)
    }
  })
})

it('passes over what is replaced while somebody reads', () => {
  const index = new RowIndex()
  for (const [at, path] of ['a', 'b', 'c'].entries()) index.put(rowAt(path, BigInt(at + 1)))
  const seen: string[] = []
  for (const { path } of index.scan(0n as Position)) {
    seen.push(path)
    // So often that the gaps are closed meanwhile.
    if (path === 'a') for (let at = 4n; at < 2_000n; at++) index.put(rowAt('b', at))
  }
  expect(seen).toEqual(['a', 'c'])
  expect([...index.scan(0n as Position)].map(({ path }) => path)).toEqual(['a', 'c', 'b'])
})

function rowAt(path: string, position: bigint, dataText: string | null = '{}'): Row {
  const times =
    dataText === null ? { created: 0n, updated: position } : { created: 1n, updated: 0n }
  return { position: position as Position, path, ...times, dataText, note: '', via: null }
}
