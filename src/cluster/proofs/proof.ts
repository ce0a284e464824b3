import {
  type LinkedChange,
  type Receipt,
  type StateStorage,
  sameChange,
  type Transport,
} from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import type { EventId } from '../../event/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { start } from '../../version/index.ts'
import { type Comparison, opening, readAnswer } from './comparison.ts'
import type { FollowedIndexes } from './followed-indexes.ts'
import { sumText } from './sum.ts'

/** Two servers that should hold the same under a key, seen from one of them. */
export interface ProofSetup {
  readonly key: string
  readonly storage: StateStorage
  readonly indexes: FollowedIndexes
  readonly transport: Transport<LinkedChange>
  /** What the other one answers to a message. */
  readonly ask: (message: Comparison, signal: AbortSignal) => Promise<Comparison>
  readonly runtime: Pick<Runtime, 'sleep' | 'now'>
  /** Milliseconds in which what is on its way arrives; what differs for longer is a defect. */
  readonly grace: number
  /** Whether all that the other one had at a time, milliseconds since 1970, should be here. */
  readonly isLevelSince: (time: number) => boolean
  readonly signal: AbortSignal
}

/** What came of it. */
export interface Proof {
  /** Paths that differed for longer than what is on its way can explain. */
  readonly defects: readonly string[]
  /** Those of them that still do: neither side takes the other's version. */
  readonly left: readonly string[]
}

/**
 * Proves that both hold the same, in one exchange where they do. What differs, and keeps differing, is a defect of
 * ours or of a disk: it is repaired, by exchanging just those paths, as a link would have; who calls this counts it.
 * Rejects as the transport does, and with `unavailable` where what differs is still on its way: a process that was
 * suspended has a link that looks live, and all of the meantime ahead of it.
 */
export async function prove(setup: ProofSetup): Promise<Proof> {
  const { runtime } = setup
  const defects = new Set<string>()
  for (let portion = 0; portion < mostPortions; portion++) {
    const suspects = await differences(setup)
    if (suspects.size === 0) return { defects: [...defects], left: [] }
    await untilLevel(setup, runtime.now())
    const still = await differences(setup)
    const stuck = [...still]
      .filter(([path, sum]) => suspects.get(path) === sum)
      .map(([path]) => path)
    if (stuck.length === 0) return { defects: [...defects], left: [] }
    // They were repaired, or should have been.
    if (stuck.every((path) => defects.has(path))) return { defects: [...defects], left: stuck }
    for (const path of stuck) defects.add(path)
    await exchange(setup, stuck)
  }
  return { defects: [...defects], left: [...(await differences(setup)).keys()] }
}

async function untilLevel(
  { runtime, grace, isLevelSince, signal }: ProofSetup,
  since: number,
): Promise<void> {
  for (let waits = 0; waits < mostWaits; waits++) {
    await runtime.sleep(grace, signal)
    if (isLevelSince(since)) return
  }
  throw new RejoinError('unavailable', 'what its leader has is still on its way', {
    ...{ operation: 'compare', component: 'cluster' },
  })
}

/** Paths that differ now, each with the sum that it has here, if any. */
async function differences({
  key,
  indexes,
  ask,
  signal,
}: ProofSetup): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  const index = await indexes.of(key, signal)
  if (index === undefined) return found
  let message = opening(index)
  for (let round = 0; message.length > 0 && round < mostRounds; round++) {
    const { differ, next } = readAnswer(index, await ask(message, signal))
    for (const path of differ)
      for (const { sum } of index.entries({ from: path, to: `${path}\0` }))
        found.set(path, sumText(sum))
    for (const path of differ) if (!found.has(path)) found.set(path, '')
    message = next
  }
  return found
}

/** Both ways, as the changes of a link: each side keeps what stands by the path's policy. */
async function exchange(
  { storage, transport, signal }: ProofSetup,
  paths: readonly string[],
): Promise<void> {
  const { origin } = await storage.identity(signal)
  const welcome = await transport.hello({ origin }, signal)
  const most = Math.max(1, Math.min(slice, welcome.limits.count))
  for (let at = 0; at < paths.length; at += most) {
    const ids = paths.slice(at, at + most) as EventId[]
    await take(storage, transport, welcome.origin, ids, signal)
    const changes = await storage.fetch(ids, signal)
    if (changes.length === 0 || welcome.limits.count === 0) continue
    // Where the link stands there is left as it is: nothing but these changes moves.
    const cursor = welcome.you?.received ?? start
    const answer = await transport.push({ origin, changes, cursor, expects: cursor }, signal)
    if (answer.kind !== 'applied') continue
    const taken = changes.filter((_, nth) => isTaken(answer.receipts[nth]))
    await noteTaken(storage, welcome.origin, taken, signal)
  }
}

function isTaken(receipt: Receipt | undefined): boolean {
  return receipt?.kind === 'stored' || receipt?.kind === 'duplicate'
}

/**
 * What the other side has refused before, and takes now. What was written there since may be refused as well: for that it
 * stays, and the link, which moves on as it says so, keeps this from being settled.
 */
async function noteTaken(
  storage: StateStorage,
  link: Parameters<StateStorage['link']>[0],
  taken: readonly LinkedChange[],
  signal: AbortSignal,
): Promise<void> {
  const known = new Map(taken.map((change) => [change.id, change]))
  for (let tries = 0; tries < mostTries; tries++) {
    const { generation, pushed, parked } = await storage.link(link, signal)
    const ids = parked.map(({ id }) => id).filter((id) => known.has(id))
    if (ids.length === 0) return
    const unparked = (await storage.fetch(ids, signal))
      .filter((now) => sameChange(now, known.get(now.id) as LinkedChange))
      .map(({ id }) => id)
    if (unparked.length === 0) return
    const settlement = { link, generation, expects: pushed, pushed, parked: [], unparked }
    if (await storage.settle(settlement, signal)) return
  }
}

async function take(
  storage: StateStorage,
  transport: Transport<LinkedChange>,
  via: Parameters<StateStorage['link']>[0],
  ids: readonly EventId[],
  signal: AbortSignal,
): Promise<void> {
  for (let left = ids; left.length > 0; ) {
    const want = { ids: left, count: left.length, bytes }
    const page = await transport.pull(start, want, signal)
    if (page.kind === 'reset') return
    await storage.apply({ via, role: 'pulled', changes: page.changes }, signal)
    if (!page.more) return
    const came = new Set(page.changes.map(({ path }) => path))
    const rest = left.filter((path) => !came.has(path))
    if (rest.length === left.length) return
    left = rest
  }
}

const slice = 500
/** Somebody pushes over the link meanwhile. */
const mostTries = 10
const bytes = 1024 * 1024
const mostRounds = 100
const mostWaits = 5
const mostPortions = 10_000
