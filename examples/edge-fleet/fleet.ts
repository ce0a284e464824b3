import { setTimeout as wait } from 'node:timers/promises'
import type { Site } from './site.ts'

/** What stands at each site, side by side: data as it is there, whatever the others say. */
export async function showValves(sites: readonly Site[]): Promise<void> {
  const held = await Promise.all(sites.map(valvesOf))
  const names = new Set(held.flatMap((valves) => [...valves.keys()]))
  const rows = [
    ['', ...sites.map(({ name }) => name)],
    ...[...names]
      .toSorted()
      .map((name) => [name, ...held.map((valves) => valves.get(name) ?? '-')]),
  ]
  for (const row of rows) console.log(`  ${row.map((cell) => cell.padEnd(8)).join('')}`.trimEnd())
}

/** What a client of a site is told beside an answer. */
export async function showFreshness({ name, url }: Site): Promise<void> {
  const { headers } = await fetch(`${url}/valves/intake`)
  const told = ['leader-reachable', 'pending-writes'].map(
    (header) => `${header} ${headers.get(`rejoin-${header}`)}`,
  )
  console.log(`  GET at ${name} says: ${told.join(', ')}`)
}

/** How the others are, as a leader sees them. */
export function showPeers(leader: Site, sites: readonly Site[]): void {
  const told = sites.map((site) => `${site.name} is ${isThere(leader, site) ? 'there' : 'away'}`)
  console.log(`  ${leader.name} sees: ${told.join(', ')}`)
}

export function isThere(leader: Site, { cluster: { address } }: Site): boolean | undefined {
  return leader.cluster.peers.find((peer) => peer.address === address)?.healthy
}

/** Compares all that a site holds with its leader. */
export async function showProof({ name, cluster }: Site): Promise<void> {
  await until(async () => {
    await cluster.prove() // skips what a link that has just begun is for
    return (await cluster.status()).keys.every(({ proof }) => proof !== undefined)
  })
  for (const { path, proof } of (await cluster.status()).keys) {
    const answer = proof?.agrees ? 'agrees' : 'differs'
    console.log(`  ${name}: ${path} ${answer}, ${proof?.defects} defects`)
  }
}

/** Until all hold the same, reach who leads, and nothing waits anywhere. */
export function level(sites: readonly Site[]): Promise<void> {
  return until(async () => {
    const held = await Promise.all(sites.map(valvesOf))
    const fresh = await Promise.all(sites.map(({ cluster }) => cluster.freshness('valves/*')))
    return (
      new Set(held.map((valves) => JSON.stringify([...valves]))).size === 1 &&
      fresh.every(({ leaderReachable, pendingWrites }) => leaderReachable && pendingWrites === 0)
    )
  })
}

export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await wait(10)
}

async function valvesOf({ tree }: Site): Promise<ReadonlyMap<string, string>> {
  const objects = await tree.list<string>('valves/*', { order: 'path' })
  return new Map(objects.map(({ index, data }) => [index, data]))
}
