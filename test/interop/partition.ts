import type { ClusterPair } from './cluster-pair.ts'
import type { ClusterServer } from './cluster-server.ts'
import { until } from './until.ts'

/** What was lost for good of what was acknowledged, and stands on neither server or not on both. */
export interface Partition {
  /** Writes before, during and after the cut. */
  readonly acknowledged: number
  /** Of what they wrote to while they were apart. */
  readonly lost: readonly string[]
  /** Of these, what was deleted and is there again. */
  readonly undeleted: readonly string[]
  /** Whether both hold the same. */
  readonly agree: boolean
  /** Milliseconds until nothing was missing, or until we gave up. */
  readonly took: number
}

/**
 * The same for every cluster, whoever leads whom: both are cut off and write, they are healed, and at once somebody
 * reads on both. Each path is written on one side only, so that nothing is lost by right. It ends once nothing is
 * missing, and otherwise after a few probes, of 3 s each.
 */
export async function partition(pair: ClusterPair): Promise<Partition> {
  const { leader, node, writes } = pair
  for (let number = 0; number < held; number++)
    await writes.set(leader.url, `things/held${number}`, { number })
  await pair.level('before the cut')

  pair.cut()
  await apart(pair, node, 0)
  await apart(pair, leader, held / 2)
  // As long as everybody notices: what fails between two probes is a matter of its own.
  await until(
    () => 'the leader notices the cut',
    async () => ((await pair.isReached()) ? ['it does not'] : []),
  )
  pair.heal()

  const missing = async () => {
    const listings = await pair.listings()
    const lost = new Set(listings.flatMap((listing) => writes.lostIn(listing)))
    return { lost: [...lost], agree: listings[0].text === listings[1].text }
  }
  const began = performance.now()
  let found = await missing()
  const took = () => Math.round(performance.now() - began)
  while ((found.lost.length > 0 || !found.agree) && took() < patience) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    found = await missing()
  }
  const undeleted = found.lost.filter((path) => writes.isDeleted(path))
  return { ...found, undeleted, acknowledged: writes.acknowledged, took: took() }
}

/** One side writes alone; its updates and deletes are of the held objects from there on. */
async function apart({ writes }: ClusterPair, server: ClusterServer, from: number): Promise<void> {
  const { url, kind } = server
  const name = from === 0 ? 'node' : 'leader'
  for (let number = 0; number < added; number++)
    await writes.set(url, `things/${name}${number}`, { number, kind })
  for (let number = from; number < from + updated; number++)
    await writes.set(url, `things/held${number}`, { number, by: name })
  for (let number = from + updated; number < from + updated + deleted; number++)
    await writes.remove(url, `things/held${number}`)
}

const held = 40
const added = 100
const updated = 10
const deleted = 5
/** Milliseconds. */
const patience = 10_000
