import { expect, it } from 'vitest'
import { seededRandom } from '../../src/testing/simulator/random.ts'
import { ClusterFleet } from './cluster-fleet.ts'
import { onLoopback } from './cluster-places.ts'
import { moment, report, scaled, seed } from './torture.ts'

const plan = scaled({
  full: {
    kills: 20,
    promotions: [6, 14],
    everywhere: 10,
    writes: 10_000,
    gap: 1_000,
    limit: 300_000,
  },
  sample: { kills: 3, promotions: [2], everywhere: -1, writes: 200, gap: 300, limit: 200_000 },
})

it('K1, T1, L1: no acknowledged write is missing on any server of a cluster, whoever is killed under load', {
  timeout: scaled({ full: 1_200_000, sample: 300_000 }),
}, async () => {
  const random = seededRandom(seed)
  const places = await onLoopback(5, random)
  const fleet = await ClusterFleet.start(places, {
    ...{ servers: 5, seed, callers: 12, pace: 20, limit: plan.limit },
    writers: [
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3, 4],
    ],
  })
  const seen = {
    kills: 0,
    loaded: 0,
    together: 0,
    opening: 0,
    everywhere: 0,
    promotions: 0,
    unheard: 0,
  }
  let leader = 0

  const kill = async (server: number) => {
    if (fleet.writers.underWay > 0) seen.loaded++
    await fleet.kill(server)
    seen.kills++
  }

  /** It is dead, and what it acknowledged last nobody has heard of; another one leads until it is back, and after. */
  const replaceLeader = async () => {
    const members = fleet.all.filter((server) => server !== leader)
    fleet.freeze(members)
    await fleet.writers.insist(leader, unheardEach)
    await kill(leader)
    fleet.thaw(members)
    seen.unheard += unheardEach
    const former = leader
    leader = random.pick(members)
    await fleet.promote(leader)
    await fleet.follow(leader, members)
    await fleet.writers.goOn(10)
    await restart(former)
    seen.promotions++
  }

  /** Now and then it is killed once more, before it is there again. */
  const restart = async (server: number) => {
    if (random.chance(0.2)) {
      fleet.start(server)
      await moment(random.next() * 1_000)
      await kill(server)
      seen.opening++
    }
    await fleet.restart(server)
  }

  for (let turn = 0; turn < plan.kills; turn++) {
    await fleet.writers.acknowledge((plan.writes / plan.kills) * turn)
    await fleet.writers.goOn()
    await moment(random.next() * plan.gap)
    if (plan.promotions.includes(turn)) {
      await replaceLeader()
      continue
    }
    if (turn === plan.everywhere) {
      await Promise.all(fleet.all.map(kill))
      await Promise.all(fleet.all.map(restart))
      seen.everywhere++
      continue
    }
    const victims = [turn % 5]
    // Now and then one more before the first is back.
    if (random.chance(0.25)) victims.push((turn + random.int(1, 4)) % 5)
    for (const victim of victims) {
      await kill(victim)
      await fleet.writers.goOn()
    }
    if (victims.length > 1) seen.together++
    for (const victim of victims) await restart(victim)
  }
  await fleet.writers.acknowledge(plan.writes)
  const took = await fleet.finish()
  const { ledger, objects } = await fleet.check()
  report(
    'kill -9 of the servers of a cluster',
    {
      kills: seen.kills,
      'with writes in flight': seen.loaded,
      'of two at a time': seen.together,
      'of all at once': seen.everywhere,
      'while it came back': seen.opening,
      'leaders replaced while dead': seen.promotions,
      'writes that only a dead leader had': seen.unheard,
      'writes acknowledged, 0 missing on 5 servers': ledger.acknowledged,
      'with times that were read back': ledger.timed,
      'paths that several clients changed': ledger.contended,
      'paths on each of 5 servers': objects,
      'ms until all were level': took,
    },
    scaled({
      full: {
        kills: 20,
        'with writes in flight': 20,
        'of two at a time': 0,
        'while it came back': 0,
        'leaders replaced while dead': 2,
        'writes acknowledged, 0 missing on 5 servers': 10_000,
        'with times that were read back': 1_000,
      },
      sample: {
        kills: 3,
        'with writes in flight': 2,
        'of two at a time': 0,
        'of all at once': 0,
        'while it came back': 0,
      },
    }),
  )
  expect(took).toBeLessThan(plan.limit)
})

const unheardEach = 10
