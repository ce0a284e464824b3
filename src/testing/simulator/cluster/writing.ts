import type { ClusterState } from '../../../cluster/index.ts'
import { RejoinError } from '../../../errors/index.ts'
import type { Random } from '../random.ts'
import type { ClusterWorld } from './cluster-world.ts'
import type { Server, ServerLife } from './server.ts'
import { shown, type Version } from './version.ts'

/** What a server's users do from its start until its crash: they write to what all share, and wait for nobody. */
export async function writing(
  world: ClusterWorld,
  server: Server,
  life: ServerLife,
): Promise<void> {
  const { scenario, scheduler } = world
  const random = world.random.fork(`${server.name} writes at ${scheduler.now}`)
  for (;;) {
    await life.runtime.sleep(random.exponential(scenario.writeEvery))
    if (world.isCalm || server.life !== life) return
    world.watched(writeOnce(world, server, life, random))
  }
}

/** One write of a user, entered in the book when it is acknowledged. */
export async function writeOnce(
  world: ClusterWorld,
  server: Server,
  life: ServerLife,
  random: Random,
): Promise<void> {
  const { counts, trace } = world
  const { ledger } = server
  const { cluster, fence } = life
  const { commits, stop } = world.hear(server)
  const untilLeader = random.chance(0.25)
  const within = random.pick([undefined, 2_000, 15_000])
  const until: Until = {
    until: untilLeader ? 'leader' : 'local',
    ...(untilLeader && within !== undefined && { within }),
  }
  const isAlone = cluster.peers.some(
    ({ address, healthy }) => address === cluster.leader && !healthy,
  )
  const write = drawWrite(world, random)
  try {
    const acknowledged = await fence.hold(write.run(cluster.state(), until))
    const versions = 'path' in acknowledged ? [acknowledged] : firstDeletes(commits, acknowledged)
    for (const version of versions) {
      ledger.acknowledged(version)
      if (untilLeader) checkConfirmed(world, server, life, version)
    }
    if (versions.length === 0) return
    counts[write.kind]++
    if (untilLeader) counts.confirmedByLeader++
    if (isAlone) counts.writesWithoutLeader++
    trace.note(`${server.name} ${write.kind}: ${versions.map(shown).join(', ')}`)
  } catch (error) {
    const isExpected =
      error instanceof RejoinError &&
      (error.code === 'closed' || (untilLeader && error.code === 'timeout'))
    if (!isExpected) throw error
    counts.notConfirmed++
  } finally {
    stop()
  }
}

type Until = { readonly until: 'local' | 'leader'; readonly within?: number }

interface Write {
  readonly kind: 'sets' | 'patches' | 'pushes' | 'deletes' | 'globDeletes'
  /** What was acknowledged: a version, or that these paths are deleted; none where there was nothing to do. */
  readonly run: (state: ClusterState, until: Until) => Promise<Version | readonly string[]>
}

function drawWrite(world: ClusterWorld, random: Random): Write {
  const user = `users/u${random.int(1, world.scenario.users)}`
  const path = random.chance(0.2) ? 'settings' : user
  const value = { value: world.nextValue() }
  const draw = random.next()
  if (draw < 0.45)
    return {
      kind: 'sets',
      run: async (state, until) => objectIn(await state.set(path, value, until)),
    }
  if (draw < 0.6)
    return {
      kind: 'patches',
      run: async (state, until) => objectIn(await state.patch(path, { patch: value.value }, until)),
    }
  if (draw < 0.68)
    return {
      kind: 'pushes',
      run: async (state, until) => objectIn(await state.push('logs/*', value, until)),
    }
  const isGlob = draw > 0.95
  const target = isGlob ? random.pick(['users/*', 'logs/*']) : path
  return {
    kind: isGlob ? 'globDeletes' : 'deletes',
    run: async (state, until) => {
      const answer = await state.delete(target, until)
      return answer.kind === 'deleted' ? answer.paths : []
    },
  }
}

function objectIn(answer: Awaited<ReturnType<ClusterState['patch']>>): Version | readonly string[] {
  if (answer.kind !== 'written') return []
  const { path, created, updated, dataText } = answer.object
  return { path, created, updated, dataText }
}

/** The tombstones of these paths that were stored first while a delete was waited for: no later ones are sure to be its. */
function firstDeletes(commits: readonly Version[], paths: readonly string[]): readonly Version[] {
  return paths.flatMap(
    (path) => commits.find((one) => one.path === path && one.dataText === null) ?? [],
  )
}

/** The leader, which this server is not, has it; or this server leads. */
function checkConfirmed(
  world: ClusterWorld,
  server: Server,
  life: ServerLife,
  version: Version,
): void {
  if (life.cluster.leads(version.path)) return
  // A leader has no use for a delete that is older than what it has forgotten.
  if (version.dataText === null && world.scenario.collecting !== undefined) return
  if (isBuried(world, server, life, version)) return
  if (isForgotten(server, life, version)) return
  if (!server.ledger.isElsewhere(server.name, version))
    world.report('K1', `${shown(version)} is confirmed by a leader and is at ${server.name} only`)
}

/** It is deleted here since, and that was let go before anybody was reached: there was nothing left to send. */
function isForgotten({ ledger }: Server, { disk }: ServerLife, version: Version): boolean {
  const { path, created, updated } = version
  const time = updated > created ? updated : created
  return !disk.rows().has(path) && disk.forgottenUpTo(path) > time && ledger.wasDeleted(version)
}

/** It is deleted here since, and another one that has forgotten deletes as new as that had no use for either. */
function isBuried(
  world: ClusterWorld,
  server: Server,
  { disk }: ServerLife,
  { path, updated }: Version,
): boolean {
  const row = disk.rows().get(path)
  if ((row?.dataText ?? null) !== null) return false
  const time = row?.updated ?? updated
  return world
    .sideOf(server)
    .servers.some(
      (one) =>
        one !== server && one.life !== undefined && one.life.disk.forgottenUpTo(path) >= time,
    )
}
