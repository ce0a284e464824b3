import {
  type LinkedChange,
  matchesPattern,
  type PushAnswer,
  type Receipt,
} from '../../contracts/index.ts'
import { isStatus } from './calls.ts'
import type { PeerSide } from './peer-side.ts'
import { type Failed, type KeyThere, type PeerWriter, rejected } from './peer-writer.ts'
import { indexProblem } from './pivot-keys.ts'
import { eachOf } from './turns.ts'

/** Sends changes one by one: 2.0 has no other way. One receipt for each, after the server has said yes to it. */
export async function pushChanges(
  { side, writer }: { readonly side: PeerSide; readonly writer: PeerWriter },
  keys: readonly string[],
  changes: readonly LinkedChange[],
  signal: AbortSignal | undefined,
): Promise<PushAnswer> {
  const receipts: (Receipt | Failed)[] = []
  const byKey = Map.groupBy(
    changes.map((change, at) => ({ change, at })),
    ({ change }) => keyOf(keys, change.path),
  )
  const sent: { readonly change: LinkedChange; readonly at: number; readonly there: KeyThere }[] =
    []
  for (const [key, all] of byKey) {
    const fit = all.filter(({ change, at }) => {
      const problem = key === undefined ? notShared : indexProblem(key, change.path)
      if (problem !== undefined) receipts[at] = rejected('invalid', notSyncable(problem), false)
      return problem === undefined
    })
    if (key === undefined || fit.length === 0) continue
    try {
      const there = await side.there(
        key,
        fit.map(({ change }) => change),
        signal,
      )
      for (const one of fit) sent.push({ ...one, there })
    } catch (error) {
      if (!isStatus(error, [404])) throw error
      const problem = `it does not share ${key}`
      for (const { at } of fit) receipts[at] = rejected('invalid', notSyncable(problem), true)
    }
  }
  await eachOf(sent, sideBySide, async ({ change, at, there }) => {
    receipts[at] = await writer.send(change, there, signal)
  })
  return { kind: 'applied', receipts: settled(receipts) }
}

/** What a server fails on while it takes other changes is the change's fault; else it is the server's. */
function settled(receipts: readonly (Receipt | Failed)[]): Receipt[] {
  const takes = receipts.some(({ kind }) => kind === 'stored')
  return receipts.map((receipt) => {
    if (receipt.kind !== 'failed') return receipt
    if (!takes) throw receipt.error
    return rejected('unconfirmed', receipt.error.message, true)
  })
}

function keyOf(keys: readonly string[], path: string): string | undefined {
  return keys.find((key) => key === path) ?? keys.find((key) => matchesPattern(key, path))
}

function notSyncable(problem: string): string {
  return `not syncable to that peer: ${problem}`
}

const notShared = 'no key covers it'
const sideBySide = 8
