import { answerTo, type Comparison, opening, readAnswer } from '../src/cluster/proofs/comparison.ts'
import { RangeIndex } from '../src/cluster/proofs/range-index.ts'
import type { Benchmark, Case, Contestant, Entry, Parameters, Sample } from './benchmark.ts'
import { differences, PrefixSums } from './floor/prefix-sums.ts'
import { pivotPull } from './peers/pivot.ts'
import { randomNumbers } from './workload.ts'

/** Where two large sets differ: ours over an index that takes changes, written as the messages of a cluster are. */
export const differing: Benchmark = {
  id: 'P10',
  title: 'finding differences',
  cases(scale) {
    return sizes.flatMap(([items, changes]): readonly Case[] =>
      (['time', 'memory'] as const).map((measured) => {
        const parameters = { items: Math.ceil(items * scale), changes, measured }
        const what = measured === 'time' ? 'find and repair' : 'bytes sent to find'
        const set = items === 1_000_000 ? '' : ` of ${items.toLocaleString('en')}`
        return {
          name: `${changes.toLocaleString('en')}${set}, ${measured === 'time' ? 'time' : 'bytes'}`,
          work: `${what} ${changes.toLocaleString('en')} differences of ${parameters.items.toLocaleString('en')} items`,
          ours: { side: 'ours', parameters },
          floor: { side: 'floor', label: 'prefix sums of lists that never change', parameters },
          aim: { of: measured, ...(set === '' && { value: 2 }) },
          peers: measured === 'time' && items <= 10_000 ? [pulling(parameters)] : [],
        }
      }),
    )
  },
  sides: { ours, floor, pivotPull },
}

/** With more of them it takes minutes to begin with. */
function pulling({ items, changes }: { readonly items: number; readonly changes: number }): Entry {
  const label = 'pivot (Go), whose node pulls them over HTTP, unflushed'
  return { side: 'pivotPull', label, parameters: { keys: items, changes }, needs: 'pivot' }
}

/** Items, and how many of them differ. */
const sizes = [
  [1_000_000, 10],
  [1_000_000, 1_000],
  [100_000, 10],
  [10_000, 10],
  [100, 10],
] as const

/** Two sides that hold the same whenever nobody has changed anything. */
interface Pair {
  /** Outside the time that counts. */
  readonly prepare?: (changes: Changes) => void
  readonly find: (changes: Changes) => Found
}

type Changes = readonly (readonly [path: string, sum: Uint32Array])[]

interface Found {
  readonly differ: readonly string[]
  readonly bytes: number
}

async function ours(parameters: Parameters): Promise<Contestant> {
  const [one, other] = [new RangeIndex(), new RangeIndex()]
  for (const [path, sum] of entriesOf(parameters)) {
    one.set(path, sum)
    other.set(path, sum)
  }
  return inRounds(parameters, {
    find(changes) {
      // What a writer pays for it is in the time as well.
      for (const [path, sum] of changes) one.set(path, sum)
      const found = foundBy(one, other)
      for (const path of found.differ)
        for (const { sum } of one.entries({ from: path, to: `${path}\0` })) other.set(path, sum)
      return found
    },
  })
}

function foundBy(one: RangeIndex, other: RangeIndex): Found {
  const differ: string[] = []
  let bytes = 0
  const sent = (message: Comparison): Comparison => {
    const text = JSON.stringify(message)
    bytes += text.length
    return JSON.parse(text)
  }
  for (let message = opening(one); message.length > 0; ) {
    const read = readAnswer(one, sent(answerTo(other, sent(message))))
    differ.push(...read.differ)
    message = read.next
  }
  return { differ, bytes }
}

async function floor(parameters: Parameters): Promise<Contestant> {
  const entries = entriesOf(parameters)
  const [one, other] = [new PrefixSums(entries), new PrefixSums(entries)]
  let last: Changes = []
  return inRounds(parameters, {
    prepare(changes) {
      for (const [path, sum] of last) other.change(path, sum)
      other.addUp()
      for (const [path, sum] of changes) one.change(path, sum)
      one.addUp()
      last = changes
    },
    find: () => differences(one, other),
  })
}

/** Many times with other changes, or a round would be over before its code is compiled. */
function inRounds({ items, changes, measured }: Parameters, pair: Pair): Contestant {
  const random = randomNumbers(11)
  const repeats = repeatsOf(Number(items), Number(changes), measured === 'time')
  return {
    async round(): Promise<Sample> {
      let [milliseconds, bytes] = [0, 0]
      for (let repeat = 0; repeat < repeats; repeat++) {
        const changed = someChanges(Number(items), Number(changes), random)
        pair.prepare?.(changed)
        const begin = performance.now()
        const found = pair.find(changed)
        milliseconds += performance.now() - begin
        bytes += found.bytes
        if (found.differ.length !== changed.length)
          throw new Error(`${found.differ.length} differences found, not ${changed.length}`)
      }
      const took = { events: repeats * Number(changes), milliseconds }
      if (measured === 'time') return took
      return { ...took, bytes, notes: { 'bytes each time': Math.round(bytes / repeats) } }
    },
    close: async () => {},
  }
}

function repeatsOf(items: number, changes: number, isTimed: boolean): number {
  if (!isTimed) return 5
  return Math.max(10, Math.ceil((items > 100_000 ? 1_000 : 10_000) / changes))
}

function entriesOf({ items }: Parameters): Changes {
  const random = randomNumbers(10)
  const paths = Array.from({ length: Number(items) }, (_, at) => pathOf(at))
  return paths.sort().map((path) => [path, anySum(random)])
}

function someChanges(items: number, count: number, random: (below: number) => number): Changes {
  const changed = new Map<string, Uint32Array>()
  while (changed.size < count) changed.set(pathOf(random(items)), anySum(random))
  return [...changed]
}

function pathOf(at: number): string {
  return `items/${(Math.imul(at + 1, 0x9e3779b1) >>> 0).toString(36).padStart(7, '0')}`
}

function anySum(random: (below: number) => number): Uint32Array {
  return Uint32Array.of(random(2 ** 32), random(2 ** 32), random(2 ** 32), random(2 ** 32))
}
