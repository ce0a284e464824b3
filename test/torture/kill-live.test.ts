import { expect, it } from 'vitest'
import { seededRandom } from '../../src/testing/simulator/random.ts'
import { LiveFleet, loopback } from './live-fleet.ts'
import { moment, report, scaled, seed } from './torture.ts'

const plan = scaled({
  full: { ms: 60_000, pace: 20, kills: 21, appends: 10_000, drains: 450_000 },
  sample: { ms: 0, pace: 40, kills: 3, appends: 100, drains: 200_000 },
})

it('S2, L1, L4: live links drain and lose nothing, whoever is killed under load', {
  timeout: scaled({ full: 1_200_000, sample: 300_000 }),
}, async () => {
  const random = seededRandom(seed)
  const settings = { token: 'secret', callers: 4, pace: plan.pace, seed }
  const fleet = await LiveFleet.start(loopback, settings)
  const kills = { hub: 0, sse: 0, websocket: 0, loaded: 0 }
  const isLoaded = () => fleet.clients.some((one) => one.underWay > 0 || one.unconfirmed > 0)
  const appends = () => fleet.clients.flatMap(({ stored }) => stored).length
  const began = performance.now()
  const isOver = () => performance.now() - began >= plan.ms && appends() >= plan.appends
  const turns = ['hub', 'sse', 'websocket'] as const
  for (let turn = 0; turn < plan.kills || !isOver(); turn++) {
    const victim = turns[turn % turns.length] as (typeof turns)[number]
    // Who was killed last has come back, and something of it reached the hub.
    await Promise.all(fleet.clients.map((client) => client.getsThrough()))
    await moment(random.next() * 500)
    // Right after it has confirmed something, as far as anybody knows.
    if (victim === 'hub') await Promise.race(fleet.clients.map((client) => client.getsThrough()))
    if (isLoaded()) kills.loaded++
    if (victim === 'hub') await fleet.restartHub()
    else await fleet.restartClient(fleet.client(victim))
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
      'appends acknowledged, 0 missing': appends(),
      'events confirmed by the hub': fleet.clients.flatMap(({ confirmed }) => confirmed).length,
      'events in each of 3 logs': events,
      'ms until nothing was unsent': took,
    },
    scaled({
      full: { 'under load': 20, 'appends acknowledged, 0 missing': 10_000 },
      sample: { 'under load': 2 },
    }),
  )
  expect(took).toBeLessThan(plan.drains)
})
