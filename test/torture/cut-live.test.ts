import { expect, it } from 'vitest'
import { seededRandom } from '../../src/testing/simulator/random.ts'
import { reasonToSkip } from '../skips.ts'
import { LiveFleet, ways } from './live-fleet.ts'
import { type Cut, Namespaces } from './namespaces.ts'
import { moment, report, scaled, scratch, seed } from './torture.ts'

const plan = scaled({
  full: { cuts: 20, ms: 2_000, drains: 90_000 },
  sample: { cuts: 2, ms: 300, drains: 30_000 },
})

it('S2, L1: live links come back when the network was cut, also when somebody was killed meanwhile', {
  timeout: 600_000,
}, async (context) => {
  using network = Namespaces.make(ways)
  if (network === undefined) return context.skip(reasonToSkip('link', 'network'))
  using folder = scratch()
  const random = seededRandom(seed)
  const settings = { token: 'secret', callers: 4, pace: 20, seed }
  await using fleet = await LiveFleet.start(folder.path, network, settings)
  const seen = { silent: 0, unplugged: 0, hubs: 0, clients: 0, waiting: 0 }
  for (let number = 0; number < plan.cuts; number++) {
    const client = fleet.client(ways[number % 2] ?? 'sse')
    const cut: Cut = Math.floor(number / 2) % 2 === number % 2 ? 'silent' : 'unplugged'
    await Promise.all(fleet.clients.map((one) => one.getsThrough()))
    network.cut(client.way, cut)
    seen[cut]++
    // It goes on working alone.
    await client.writes(10)
    await moment(random.next() * plan.ms)
    if (number % 4 === 1) {
      await fleet.killHub()
      await fleet.startHub()
      seen.hubs++
    }
    if (number % 4 === 2) {
      await fleet.killClient(client)
      fleet.startClient(client)
      await client.writes(10)
      seen.clients++
    }
    if (client.unconfirmed > 0) seen.waiting++
    network.heal(client.way, cut)
  }
  const took = await fleet.finish()
  const events = await fleet.check()
  report(
    'network cut between a hub and clients that follow it',
    {
      'cuts without a sign': seen.silent,
      'cuts that are seen': seen.unplugged,
      'with appends waiting': seen.waiting,
      'kill -9 of the hub meanwhile': seen.hubs,
      'kill -9 of the client meanwhile': seen.clients,
      'appends acknowledged, 0 missing': fleet.clients.flatMap(({ stored }) => stored).length,
      'events in each of 3 logs': events,
      'ms until nothing was unsent': took,
    },
    scaled({
      full: { 'with appends waiting': 20 },
      sample: { 'with appends waiting': 2, 'kill -9 of the client meanwhile': 0 },
    }),
  )
  expect(took).toBeLessThan(plan.drains)
})
