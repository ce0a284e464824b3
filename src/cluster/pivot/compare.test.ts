import { describe, expect, it } from 'vitest'
import type { StateRow } from '../../contracts/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import type { Position } from '../../version/index.ts'
import { differenceOf } from './compare.ts'

interface Given {
  /** By path: the time of what is here; `dead` for tombstones. */
  readonly here?: Readonly<Record<string, number>>
  readonly dead?: Readonly<Record<string, number>>
  readonly there?: Readonly<Record<string, number>>
  readonly unconfirmed?: readonly string[]
  readonly own?: readonly string[]
  readonly activity?: number
}

interface Expected {
  readonly taken?: readonly string[]
  readonly offered?: readonly string[]
  readonly returned?: readonly string[]
}

const cases: readonly (readonly [string, Given, Expected])[] = [
  ['what is new there is taken', { there: { a: 5 }, activity: 5 }, { taken: ['a@5'] }],
  ['what is newer there is taken', { here: { a: 4 }, there: { a: 5 } }, { taken: ['a@5'] }],
  [
    'also over what is on its way',
    { here: { a: 4 }, there: { a: 5 }, unconfirmed: ['a'] },
    { taken: ['a@5'] },
  ],
  ['what is the same is left alone', { here: { a: 5 }, there: { a: 5 } }, {}],
  [
    'what is newer here, and on its way, is left to the link',
    { here: { a: 6 }, there: { a: 5 }, unconfirmed: ['a'] },
    {},
  ],
  [
    'what is newer here, and was confirmed, is offered',
    { here: { a: 6 }, there: { a: 5 } },
    { offered: ['a'] },
  ],
  [
    'what was deleted here after it is deleted there once more',
    { dead: { a: 6 }, there: { a: 5 } },
    { offered: ['a'] },
  ],
  [
    'what was guessed to be deleted and is there again comes back, here and there',
    { dead: { a: 5 }, there: { a: 5 } },
    { returned: ['a@5,6'] },
  ],
  [
    'also what was guessed to be deleted goes when it is older than that',
    { dead: { a: 5 }, there: { a: 4 } },
    { offered: ['a'] },
  ],
  [
    'what was written there after the delete here is taken',
    { dead: { a: 4 }, there: { a: 5 } },
    { taken: ['a@5'] },
  ],
  [
    'what is missing and was never confirmed stays',
    { here: { a: 5 }, unconfirmed: ['a'], activity: 9 },
    {},
  ],
  [
    'what is missing under a later delete time was deleted',
    { here: { a: 5, b: 3 }, there: { b: 3 }, activity: 9 },
    { taken: ['a†6'] },
  ],
  ['all of it, too', { here: { a: 5, b: 3 }, activity: 9 }, { taken: ['a†6', 'b†4'] }],
  [
    'of what came from there also under a later write',
    { here: { a: 5, b: 3 }, there: { b: 3, c: 9 }, activity: 9 },
    { taken: ['c@9', 'a†5'] },
  ],
  [
    'what was written here is offered under a later write',
    { here: { a: 5, b: 3 }, there: { b: 3, c: 9 }, own: ['a'], activity: 9 },
    { taken: ['c@9'], offered: ['a'] },
  ],
  [
    'what is later than all that happened there is offered',
    { here: { a: 5, b: 3 }, there: { b: 3 }, activity: 4 },
    { offered: ['a'] },
  ],
  [
    'nothing is left there: it was wiped',
    { here: { a: 5, b: 3 }, activity: 0 },
    { offered: ['a', 'b'] },
  ],
  [
    'nothing is left there as it was, and no delete time stands',
    { here: { a: 5, b: 3 }, there: { c: 9 }, activity: 9 },
    { taken: ['c@9'], offered: ['a', 'b'] },
  ],
  [
    'a delete time that is an object’s own is a mistake',
    { here: { a: 5, b: 3, c: 2 }, there: { c: 2 }, activity: 5 },
    { offered: ['a', 'b'] },
  ],
]

describe('what differs between both sides of a key', () => {
  it.each(cases)('%s', (_what, given, { taken = [], offered = [], returned = [] }) => {
    const { here = {}, dead = {}, there = {}, unconfirmed = [], own = [], activity = 0 } = given
    const row = (path: string, time: number, dataText: string | null): [string, StateRow] => {
      const times = dataText === null ? [0n, BigInt(time)] : [BigInt(time), 0n]
      const [created = 0n, updated = 0n] = times
      return [path, { path, created, updated, dataText, note: 'kept', position: 1n as Position }]
    }
    const difference = differenceOf(
      {
        here: new Map([
          ...Object.entries(here).map(([path, time]) => row(path, time, '1')),
          ...Object.entries(dead).map(([path, time]) => row(path, time, null)),
        ]),
        isUnconfirmed: (path) => unconfirmed.includes(path),
        isOwn: ({ path }) => own.includes(path),
        there: new Map(
          Object.entries(there).map(([path, time]) => [
            path,
            { created: BigInt(time), updated: 0n, index: path, dataText: '1' },
          ]),
        ),
        activity: BigInt(activity),
      },
      systemRuntime,
    )
    const shown = difference.taken.map(({ path, created, updated, dataText }) =>
      dataText === null ? `${path}†${updated}` : `${path}@${created}`,
    )
    expect(shown).toEqual(taken)
    expect(difference.offered).toEqual(offered)
    expect(
      difference.returned.map(({ path, created, updated }) => `${path}@${created},${updated}`),
    ).toEqual(returned)
  })

  it('characters that Go writes as escapes make no difference', () => {
    const path = 'a'
    const times = { created: 5n, updated: 0n }
    const here = { path, ...times, dataText: '"<&>"', note: '', position: 1n as Position }
    const there = { ...times, index: 'a', dataText: '"\\u003c\\u0026\\u003e"' }
    const sides = { isUnconfirmed: () => false, isOwn: () => false, activity: 5n }
    expect(
      differenceOf(
        { ...sides, here: new Map([[path, here]]), there: new Map([[path, there]]) },
        systemRuntime,
      ),
    ).toEqual({ taken: [], offered: [], returned: [] })
  })
})
