import {
  answerTo,
  type Comparison,
  opening,
  readAnswer,
} from '../src/cluster/fingerprints/comparison.ts'
import { RangeIndex } from '../src/cluster/fingerprints/range-index.ts'
import type { Benchmark, Case, Contestant, Parameters, Sample } from './benchmark.ts'
import { differences, PrefixSums } from './floor/prefix-sums.ts'
import { randomNumbers } from './workload.ts'

/** Where two large sets differ: ours over an index that takes changes, written as the messages of a cluster are. */
export const differing: Benchmark = {
  id: 'P10',
  title: 'finding differences',
  cases(scale) {
    const items = Math.ceil(1_000_000 * scale)
    return [10, 1_000].flatMap((changes): readonly Case[] =>
      (['time', 'memory'] as const).map((measured) => {
        const parameters = { items, changes, measured }
        const what = measured === 'time' ? 'find and repair' : 'bytes sent to find'
        return {
          name: `${changes.toLocaleString('en')}, ${measured === 'time' ? 'time' : 'bytes'}`,
          work: `${what} ${changes.toLocaleString('en')} differences of ${items.toLocaleString('en')} items`,
          ours: { side: 'ours', parameters },
          floor: { side: 'floor', label: 'prefix sums of lists that never change', parameters },
          aim: { of: measured, value: 2 },
        }
      }),
    )
  },
  sides: { ours, floor },
}

async function ours(parameters: Parameters): Promise<Contestant> {
  const [one, other] = [new RangeIndex(), new RangeIndex()]
  for (const [path, sum] of entriesOf(parameters)) {
    one.set(path, sum)
    other.set(path, sum)
  }
  const once = (times: number) => {
    const changed = changesOf(parameters, times)
    const begin = performance.now()
    // What a writer pays for it is in the time as well.
    for (const [path, sum] of changed) one.set(path, sum)
    const { differ, bytes } = found(one, other)
    for (const path of differ)
      for (const { sum } of one.entries({ from: path, to: `${path}\0` })) other.set(path, sum)
    return { differ, bytes, milliseconds: performance.now() - begin }
  }
  return { round: rounds(parameters, once), close: async () => {} }
}

function found(one: RangeIndex, other: RangeIndex) {
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
  const other = new PrefixSums(entries)
  const once = (times: number) => {
    const changed = new Map(changesOf(parameters, times))
    const one = new PrefixSums(entries.map(([path, sum]) => [path, changed.get(path) ?? sum]))
    const begin = performance.now()
    const found = differences(one, other)
    return { ...found, milliseconds: performance.now() - begin }
  }
  return { round: rounds(parameters, once), close: async () => {} }
}

interface Found {
  readonly differ: readonly string[]
  readonly bytes: number
  readonly milliseconds: number
}

/** Several times with other changes, or a round would be over before its code is compiled. */
function rounds({ changes, measured }: Parameters, once: (times: number) => Found) {
  let times = 0
  return async (): Promise<Sample> => {
    let [milliseconds, bytes] = [0, 0]
    for (let repeat = 0; repeat < repeats; repeat++) {
      const found = once(++times)
      if (found.differ.length !== changes)
        throw new Error(`${found.differ.length} differences found, there were ${changes}`)
      milliseconds += found.milliseconds
      bytes += found.bytes
    }
    const took = { events: repeats * Number(changes), milliseconds }
    if (measured === 'time') return took
    return { ...took, bytes, notes: { 'bytes each time': Math.round(bytes / repeats) } }
  }
}

function entriesOf({ items }: Parameters): (readonly [string, Uint32Array])[] {
  const random = randomNumbers(10)
  return Array.from(
    { length: Number(items) },
    (_, at) => [pathOf(at), anySum(random)] as const,
  ).sort(([one], [other]) => (one < other ? -1 : 1))
}

function changesOf({ items, changes }: Parameters, round: number): [string, Uint32Array][] {
  const random = randomNumbers(round)
  const changed = new Map<string, Uint32Array>()
  while (changed.size < Number(changes)) changed.set(pathOf(random(Number(items))), anySum(random))
  return [...changed]
}

function pathOf(at: number): string {
  return `items/${(Math.imul(at + 1, 0x9e3779b1) >>> 0).toString(36).padStart(7, '0')}`
}

function anySum(random: (below: number) => number): Uint32Array {
  return Uint32Array.from({ length: 4 }, () => random(2 ** 32))
}

const repeats = 20
