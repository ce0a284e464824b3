import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../../../test/e2e/temp-folder.ts'
import { property } from '../../../test/property.ts'
import { MemoryStateStorage } from '../../store/memory/index.ts'
import { SqliteStateStorage } from '../../store/sqlite/index.ts'
import { cachedState } from '../../store/state/index.ts'
import { histories } from '../fixtures/random-steps.ts'
import { type HardCase, SubscribedWorld } from '../fixtures/subscribed-world.ts'
import { type StateFilter, type StateServerOptions, withData } from '../index.ts'

const isWhole = process.env.REJOIN_TORTURE === 'full'
/** A failure is made small before it is shown. */
const patient = { timeout: 600_000 }

const secret: StateFilter = {
  readObject: (object) =>
    object.dataText.length % 3 === 0 ? undefined : withData(object, { seen: object.data }),
}
const sorted: StateFilter = {
  readList: (objects) =>
    objects
      .filter(({ dataText }) => dataText.length % 4 !== 0)
      .toSorted((one, other) => one.dataText.length - other.dataText.length),
}

const always: readonly HardCase[] = ['snapshots', 'born in a burst', 'coalesced', 'resumed by ?v=']
const patching: readonly HardCase[] = [...always, 'patches']

describe('T3: whoever applies what it is told, in order, has at each version what GET answered then', () => {
  it.each<[string, StateServerOptions, readonly HardCase[]]>([
    ['as it is', {}, patching],
    ['patches only', { forcePatch: true }, patching],
    [
      'hidden and changed',
      { filters: { 'b/*': secret, '*': secret, 'c/y/1': secret } },
      [...patching, 'filtered'],
    ],
    [
      'sorted and cut',
      { filters: { 'b/*': sorted, 'c/y/*': { ...secret, readList: sorted.readList as never } } },
      [...patching, 'filtered'],
    ],
    [
      'within limits',
      {
        filters: {
          'b/*': { limit: { count: 2 } },
          'c/y/*': { limit: { count: 3, order: 'oldest' } },
        },
      },
      [...patching, 'cut by a limit'],
    ],
    [
      'hidden, sorted and within limits at once',
      {
        filters: {
          'b/*': { ...secret, limit: { count: () => 2, order: 'oldest' } },
          'c/y/*': { ...sorted, limit: { count: 2 } },
        },
      },
      [...patching, 'filtered', 'cut by a limit'],
    ],
    ['snapshots only', { noPatch: true }, always],
  ])('%s', patient, async (name, options, wanted) => {
    const counts = new Map<HardCase, number>()
    await property(
      histories,
      async (history) => {
        await using world = await SubscribedWorld.open({
          storage: await MemoryStateStorage.open(),
          options,
          counts,
        })
        await world.live(history)
      },
      isWhole ? 60 : 6,
    )
    check(name, counts, wanted)
  })

  // What stands in front of a storage, as above, has its writes wait in line.
  it.each<[string, StateServerOptions, readonly HardCase[]]>([
    ['as it is', {}, []],
    ['hidden, sorted and cut', { filters: { 'b/*': sorted, 'c/y/1': secret } }, ['filtered']],
  ])('in memory, where writes take effect within their call: %s', patient, async (...given) => {
    const [name, options, wanted] = given
    const counts = new Map<HardCase, number>()
    await property(
      histories,
      async (history) => {
        await using world = await SubscribedWorld.open({
          storage: await MemoryStateStorage.open(),
          atOnce: true,
          options,
          counts,
        })
        await world.live(history)
      },
      isWhole ? 60 : 6,
    )
    const hard: readonly HardCase[] = ['snapshots', 'patches', 'coalesced', 'resumed by ?v=']
    check(`at once, ${name}`, counts, [...hard, 'told within the call', ...wanted])
  })

  it('with another process that writes to the same file', patient, async () => {
    const counts = new Map<HardCase, number>()
    await property(
      histories,
      async (history) => {
        const path = join(tempFolder(), 'state.db')
        const open = async () =>
          cachedState(await SqliteStateStorage.open({ path, durability: 'normal' }))
        await using world = await SubscribedWorld.open({
          storage: await open(),
          other: await open(),
          options: {},
          counts,
        })
        await world.live(history)
      },
      isWhole ? 30 : 3,
    )
    check('with another process', counts, ['snapshots', 'patches', 'born in a burst'])
  })
})

function check(
  name: string,
  counts: ReadonlyMap<HardCase, number>,
  wanted: readonly HardCase[],
): void {
  const said = [...counts].map(([what, count]) => `${count} ${what}`)
  console.log(`versions compared with GET, ${name}: ${said.join(', ')}`)
  expect(wanted.filter((one) => !counts.get(one))).toEqual([])
}
