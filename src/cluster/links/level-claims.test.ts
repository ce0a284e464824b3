import { describe, expect, it } from 'vitest'
import type { Cursor } from '../../version/index.ts'
import { LevelClaims } from './level-claims.ts'

const [mark, other] = ['AAAAAAAAAAAAAAAA', 'BBBBBBBBBBBBBBBB']
const end = (position: number, of = mark) => `${of}.${position}.` as Cursor
const pulled = (position: number, read = '', of = mark) => `${of}.${position}.F${read}` as Cursor

function claims(...made: readonly (readonly [number, Cursor])[]): LevelClaims {
  const all = new LevelClaims('F')
  for (const [at, end] of made) all.add({ at, end })
  return all
}

describe('being level with a peer', () => {
  it.each([
    ['short of the end', pulled(4), undefined],
    ['at the end', pulled(5), 10],
    ['behind it', pulled(6), 10],
    ['behind it with some of it still to be read', pulled(6, '.5'), undefined],
    ['in another history', pulled(6, '', other), undefined],
    ['under another filter', `${mark}.6.G`, undefined],
    ['at the start', '', undefined],
  ])('is proven by a checkpoint, not by who answers: %s', (_, cursor, provenAt) => {
    const all = claims([10, end(5)])
    expect(all.provenAt).toBeUndefined()
    all.reached(cursor as Cursor)
    expect(all.provenAt).toBe(provenAt)
    expect(all.areWaiting).toBe(provenAt === undefined)
  })

  it('is proven at once of an empty feed, and of a cursor that is nobody else’s to read', () => {
    const all = claims([10, '' as Cursor])
    all.reached(pulled(3))
    expect(all.provenAt).toBe(10)
    all.add({ at: 20, end: 'opaque' as Cursor })
    all.reached('other' as Cursor)
    expect(all.provenAt).toBe(10)
    all.reached('opaque' as Cursor)
    expect(all.provenAt).toBe(20)
  })

  it('goes on where a stream is always late: the oldest claim waits while newer ones come', () => {
    const all = claims([10, end(5)], [20, end(9)], [30, end(12)])
    all.reached(pulled(5))
    expect([all.provenAt, all.areWaiting]).toEqual([10, true])
    all.add({ at: 40, end: end(15) })
    all.reached(pulled(12))
    expect(all.provenAt).toBe(30)
    all.reached(pulled(20))
    expect([all.provenAt, all.areWaiting]).toEqual([40, false])
  })

  it('waits for nothing in a history that has ended, and never goes back', () => {
    const all = claims([10, end(5)], [20, end(6, other)])
    all.reached(pulled(6, '', other))
    expect([all.provenAt, all.areWaiting]).toEqual([20, false])
    all.add({ at: 15, end: end(6, other) })
    all.reached(pulled(6, '', other))
    expect(all.provenAt).toBe(20)
  })
})
