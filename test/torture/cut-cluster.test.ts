import { expect, it } from 'vitest'
import { seededRandom } from '../../src/testing/simulator/random.ts'
import { reasonToSkip } from '../skips.ts'
import { ClusterFleet } from './cluster-fleet.ts'
import type { Cut } from './namespaces.ts'
import { SwitchedNamespaces } from './switched-namespaces.ts'
import { moment, report, scaled, seed } from './torture.ts'

/** Whose cables are cut, how, and what happens meanwhile. */
interface Scene {
  readonly whose: 'leader' | 'a member' | 'two members'
  readonly cut: Cut
  /** The one that is cut off, or one of those that are not. */
  readonly kill?: 'cut off' | 'connected'
  /** Another one leads from then on. */
  readonly promote?: true
}

const scenes: readonly Scene[] = [
  { whose: 'leader', cut: 'silent', promote: true },
  { whose: 'a member', cut: 'unplugged', kill: 'cut off' },
  { whose: 'leader', cut: 'unplugged', kill: 'connected' },
  { whose: 'two members', cut: 'silent' },
  { whose: 'leader', cut: 'silent', kill: 'cut off', promote: true },
  { whose: 'a member', cut: 'silent', kill: 'connected' },
  { whose: 'leader', cut: 'unplugged', promote: true },
  { whose: 'leader', cut: 'silent' },
]
const plan = scaled({
  full: { scenes, pace: 40, writes: 40, ms: 4_000, limit: 300_000 },
  sample: { scenes: scenes.slice(0, 2), pace: 60, writes: 5, ms: 300, limit: 200_000 },
})

it('K1, T1: both sides of a cut network take writes, and none is missing on any server once it is healed', {
  timeout: scaled({ full: 1_200_000, sample: 300_000 }),
}, async (context) => {
  const network = SwitchedNamespaces.make(5)
  if (network === undefined) return context.skip(reasonToSkip('link', 'network'))
  const random = seededRandom(seed)
  const fleet = await ClusterFleet.start(network, {
    ...{ servers: 5, seed, callers: 3, pace: plan.pace, limit: plan.limit },
    writers: [[0], [1], [2], [3], [4]],
  })
  const seen = { kills: 0, promotions: 0, waiting: 0 }
  let leader = 0
  for (const { whose, cut, kill, promote } of plan.scenes) {
    await fleet.follow(leader, fleet.all)
    const members = fleet.all.filter((server) => server !== leader)
    const first = random.int(0, members.length - 1)
    const [one, other, third] = [...members.slice(first), ...members] as [number, number, number]
    const isolated = whose === 'leader' ? [leader] : whose === 'a member' ? [one] : [one, other]
    for (const server of isolated) network.cut(server, cut)
    // Both sides go on.
    await fleet.writers.goOn(plan.writes)
    await moment(random.next() * plan.ms)
    if (promote) {
      await fleet.promote(third)
      await fleet.follow(third, members)
      leader = third
      seen.promotions++
    }
    if (kill !== undefined) {
      const victim = kill === 'cut off' ? (isolated[0] as number) : third
      await fleet.kill(victim)
      await fleet.restart(victim)
      seen.kills++
    }
    await fleet.writers.goOn(plan.writes)
    // Who leads has nobody to wait for: then it is the others that do.
    if ((await fleet.pendingAt(whose === 'leader' && !promote ? one : (isolated[0] as number))) > 0)
      seen.waiting++
    for (const server of isolated) network.heal(server, cut)
  }
  const took = await fleet.finish()
  const { ledger, objects } = await fleet.check()
  const those = (isSo: (scene: Scene) => boolean) => plan.scenes.filter(isSo).length
  report(
    'network cut between the servers of a cluster',
    {
      'cuts without a sign': those(({ cut }) => cut === 'silent'),
      'cuts that are seen': those(({ cut }) => cut === 'unplugged'),
      'of the leader': those(({ whose }) => whose === 'leader'),
      'of members': those(({ whose }) => whose !== 'leader'),
      'with writes waiting': seen.waiting,
      'leaders replaced meanwhile': seen.promotions,
      'kill -9 meanwhile': seen.kills,
      'writes acknowledged, 0 missing on 5 servers': ledger.acknowledged,
      'with times that were read back': ledger.timed,
      'paths that several clients changed': ledger.contended,
      'paths on each of 5 servers': objects,
      'ms until all were level': took,
    },
    { 'with writes waiting': plan.scenes.length - seen.promotions },
  )
  expect(took).toBeLessThan(plan.limit)
})
