import { expect, it } from 'vitest'
import { seededRandom } from '../../src/testing/simulator/random.ts'
import { LiveFleet, loopback } from './live-fleet.ts'
import { moment, report, scaled, scratch, seed } from './torture.ts'

const plan = scaled({
  full: { ms: 60_000, kills: 21, callers: 6, pace: 20, drains: 90_000 },
  sample: { ms: 0, kills: 3, callers: 6, pace: 20, drains: 30_000 },
})

it('S2, L1, L4: live links drain and lose nothing, whoever is killed under load', {
  timeout: 600_000,
}, async () => {
  using folder = scratch()
  const random = seededRandom(seed)
  const { callers, pace } = plan
  await using fleet = await LiveFleet.start(folder.path, loopback, {
    token: 'secret',
    callers,
    pace,
    seed,
  })
  const kills = { hub: 0, sse: 0, websocket: 0, loaded: 0 }
  const isLoaded = () => fleet.clients.some((one) => one.underWay > 0 || one.unconfirmed > 0)
  const began = performance.now()
  const turns = ['hub', 'sse', 'websocket'] as const
  for (let turn = 0; turn < plan.kills || performance.now() - began < plan.ms; turn++) {
    const victim = turns[turn % turns.length] as (typeof turns)[number]
    // Who was killed last has come back, and something of it reached the hub.
    await Promise.all(fleet.clients.map((client) => client.getsThrough()))
    await moment(random.next() * 500)
    if (isLoaded()) kills.loaded++
    if (victim === 'hub') {
      await fleet.killHub()
      await fleet.startHub()
    } else {
      await fleet.killClient(fleet.client(victim))
      fleet.startClient(fleet.client(victim))
    }
    kills[victim]++
  }
  const took = await fleet.finish()
  const events = await fleet.check()
  report(
    'kill -9 of a hub and of clients that follow it',
    {
      'kills of the hub': kills.hub,
      'of the client over SSE': kills.sse,
      'of the one over a WebSocket': kills.websocket,
      'under load': kills.loaded,
      'appends acknowledged, 0 missing': fleet.clients.flatMap(({ stored }) => stored).length,
      'events confirmed by the hub': fleet.clients.flatMap(({ confirmed }) => confirmed).length,
      'events in each of 3 logs': events,
      'ms until nothing was unsent': took,
    },
    scaled({
      full: { 'kills of the hub': 7, 'under load': 20, 'appends acknowledged, 0 missing': 10_000 },
      sample: { 'under load': 2 },
    }),
  )
  expect(took).toBeLessThan(plan.drains)
})
