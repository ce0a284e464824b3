import { expect, it } from 'vitest'
import { seededRandom } from '../../src/testing/simulator/random.ts'
import { reasonToSkip } from '../skips.ts'
import type { Way } from './live-client.ts'
import { LiveFleet, ways } from './live-fleet.ts'
import { type Cut, Namespaces } from './namespaces.ts'
import { moment, report, scaled, seed } from './torture.ts'

/** Whose cable is cut, how, and who is killed meanwhile. */
interface Scene {
  readonly way: Way
  readonly cut: Cut
  readonly kill?: 'hub' | 'client'
}

const scenes: readonly Scene[] = [
  { way: 'sse', cut: 'silent' },
  { way: 'websocket', cut: 'unplugged', kill: 'hub' },
  { way: 'sse', cut: 'unplugged', kill: 'client' },
  { way: 'websocket', cut: 'silent', kill: 'hub' },
  { way: 'websocket', cut: 'silent', kill: 'client' },
  { way: 'sse', cut: 'unplugged' },
  { way: 'websocket', cut: 'unplugged' },
  // The stream hears of neither: what ends it is that it says nothing.
  { way: 'sse', cut: 'silent', kill: 'hub' },
]
const plan = scaled({
  full: { scenes: [...scenes, ...scenes], pace: 20, ms: 2_000, drains: 600_000 },
  sample: { scenes: scenes.slice(0, 2), pace: 40, ms: 300, drains: 200_000 },
})

it('S2, L1: live links come back when the network was cut, also when somebody was killed meanwhile', {
  timeout: scaled({ full: 1_200_000, sample: 300_000 }),
}, async (context) => {
  const network = Namespaces.make(ways)
  if (network === undefined) return context.skip(reasonToSkip('link', 'network'))
  const random = seededRandom(seed)
  const settings = { token: 'secret', callers: 4, pace: plan.pace, seed }
  const fleet = await LiveFleet.start(network, settings)
  let waiting = 0
  for (const { way, cut, kill } of plan.scenes) {
    const client = fleet.client(way)
    await Promise.all(fleet.clients.map((one) => one.getsThrough()))
    network.cut(way, cut)
    // It goes on working alone.
    await client.writes(10)
    await moment(random.next() * plan.ms)
    if (kill === 'hub') await fleet.restartHub()
    if (kill === 'client') {
      await fleet.restartClient(client)
      await client.writes(10)
    }
    if (client.unconfirmed > 0) waiting++
    network.heal(way, cut)
    // Such a cut is one that a machine knows of.
    if (cut === 'unplugged') client.life.tell('nudge')
  }
  const took = await fleet.finish()
  const events = await fleet.check()
  const those = (isSo: (scene: Scene) => boolean) => plan.scenes.filter(isSo).length
  report(
    'network cut between a hub and clients that follow it',
    {
      'cuts without a sign': those(({ cut }) => cut === 'silent'),
      'cuts that are seen': those(({ cut }) => cut === 'unplugged'),
      'with appends waiting': waiting,
      'kill -9 of the hub meanwhile': those(({ kill }) => kill === 'hub'),
      'kill -9 of the client meanwhile': those(({ kill }) => kill === 'client'),
      'appends acknowledged, 0 missing': fleet.clients.flatMap(({ stored }) => stored).length,
      'events in each of 3 logs': events,
      'ms until nothing was unsent': took,
    },
    { 'with appends waiting': plan.scenes.length, 'kill -9 of the client meanwhile': 0 },
  )
  expect(took).toBeLessThan(plan.drains)
})
