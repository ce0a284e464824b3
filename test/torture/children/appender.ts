// Appends and pulls for as long as it lives, and tells what it was promised:
//
//     opening                      the file is about to be opened
//     open
//     sending BATCH SIZE           an append is under way
//     stored BATCH ID...           ... and acknowledged
//     pulled N                     the peer's events up to N and the cursor are acknowledged
import { SqliteStore } from '../../../src/store/sqlite/index.ts'
import { seededRandom } from '../../../src/testing/simulator/random.ts'
import { batchOf } from '../batch.ts'
import { coveredBy, peer, pulledBatch } from '../peer.ts'
import { given, say } from './talk.ts'

export interface AppenderOptions {
  readonly path: string
  readonly durability: 'full' | 'normal'
  /** Unique among the lives on one file. */
  readonly life: string
  readonly callers: number
  readonly seed: string
}

const { path, durability, life, callers, seed } = given<AppenderOptions>()
say('opening')
const store = await SqliteStore.open({ path, durability, node: 'torture' })
say('open')
await Promise.all([pull(), ...Array.from({ length: callers }, (_, caller) => append(caller))])

async function append(caller: number): Promise<void> {
  const random = seededRandom(`${seed}/${life}/${caller}`)
  for (let number = 1; ; number++) {
    const batch = `${life}.${caller}.${number}`
    const size = random.chance(0.02) ? random.int(50, 300) : random.int(1, 6)
    say('sending', batch, size)
    const appended = await store.append(batchOf(batch, size))
    if (appended.kind === 'stale') throw new Error('an append that expects nothing was stale')
    say('stored', batch, ...appended.events.map((event) => event.id))
  }
}

async function pull(): Promise<void> {
  const random = seededRandom(`${seed}/${life}/pull`)
  let after = coveredBy((await store.link(peer)).pulled)
  for (;;) {
    const count = random.int(1, 10)
    const applied = await store.apply(pulledBatch(after, count))
    if (applied.kind !== 'applied' || applied.receipts.some((one) => one.kind !== 'stored'))
      throw new Error(`pulled ${after + 1} to ${after + count}: ${JSON.stringify(applied)}`)
    after += count
    say('pulled', after)
  }
}
