import { describe, expect, it } from 'vitest'
import { openState } from '../state/index.ts'
import { refusing } from './fixtures/refusing.ts'
import { type Server, Servers } from './fixtures/servers.ts'
import { servedCluster } from './http/served-cluster.ts'
import { openCluster } from './index.ts'

const why = 'its data is no JSON, or nested more than 128 deep'
const pending = {
  pendingWrites: 1,
  refused: [{ path: 'users/1', reason: 'invalid', message: why }],
}

describe('K1: a write that the leader refuses for good', () => {
  it('counts as pending, and is told with the reason, also after a restart', async () => {
    await using servers = new Servers()
    const [, member] = await pair(servers)
    await refusedWrite(servers, member)
    expect(await member.cluster.freshness('users/1')).toMatchObject(pending)
    const settings = await member.cluster.freshness('settings')
    // Of another key, which goes the same way.
    expect(settings).toMatchObject({ pendingWrites: 1 })
    expect(settings).not.toHaveProperty('refused')
    const { keys, peers } = await member.cluster.status()
    expect(keys.find(({ path }) => path === 'users/*')).toMatchObject(pending)
    expect(peers[0]?.links[0]?.blocked).toMatchObject({ cause: 'rejected' })
    const served = servedCluster(member.cluster)
    expect(await served.headers('users/1')).toMatchObject({
      'rejoin-pending-writes': '1',
      'rejoin-refused-writes': '1',
      'rejoin-refused-reasons': 'invalid',
    })
    expect(await served.headers('settings')).not.toHaveProperty('rejoin-refused-writes')
    await expect(member.cluster.confirmed('users/*')).rejects.toMatchObject({ code: 'rejected' })
    await member.stop()
    await member.start({ leader: 'a:1', syncOnStart: false })
    expect(await member.cluster.freshness('users/1')).toMatchObject(pending)
  })

  it('is over when something else stands there, written here or by the leader', async () => {
    await using servers = new Servers()
    const [leader, member] = await pair(servers)
    for (const writer of [member, leader]) {
      await refusedWrite(servers, member)
      const good = writer.cluster.state().set('users/1', 'good', { until: 'leader' })
      await servers.pass(2_000)
      await good
      await servers.level()
      const fresh = await member.cluster.freshness('users/1')
      expect(fresh).toMatchObject({ pendingWrites: 0, leaderReachable: true })
      expect(fresh).not.toHaveProperty('refused')
      await member.cluster.confirmed('users/1')
    }
  })

  it('is none where the leader has something that can not be taken in here', async () => {
    await using servers = new Servers()
    const leader = await servers.add('a:1')
    const member = await servers.add('b:1', { leader: 'a:1', storage: refusing })
    await servers.level()
    await leader.state.set('users/1', 'bad')
    await leader.state.set('users/2', 'good')
    await servers.until(async () => (await member.state.get('users/2')) !== undefined)
    const fresh = await member.cluster.freshness('users/1')
    expect(fresh).toMatchObject({ pendingWrites: 0 })
    expect(fresh).not.toHaveProperty('refused')
    await member.cluster.confirmed('users/*')
    // Status says so all the same.
    const parked = async () => (await member.cluster.status()).peers[0]?.links[0]?.parked
    expect(await parked()).toMatchObject([{ id: 'users/1', reason: 'unreadable' }])
    await leader.state.set('users/1', 'good')
    await servers.level()
    expect(await parked()).toEqual([])
  })
})

it('K1: what came from the leader is confirmed at once', async () => {
  await using servers = new Servers()
  const leader = await servers.add('a:1')
  const member = await servers.add('b:1', { leader: 'a:1' })
  await servers.level()
  await servers.pass(2_000)
  await leader.state.set('users/1', 'by the leader')
  await servers.level()
  for (const path of ['users/1', 'users/*']) await member.cluster.confirmed(path)
})

it('is no defect to a proof, which offers it again: taken, it is not refused any more', async () => {
  await using servers = new Servers()
  const leader = await servers.add('a:1')
  // A day and twenty seconds ahead.
  const runtime = {
    ...servers.runtime,
    now: () => servers.runtime.now() + 86_420_000,
    sleep: (ms: number) => servers.pass(ms),
  }
  await using state = await openState({ runtime })
  await using cluster = await openCluster({
    ...{ state, keys: [{ path: 'users/*' }], leader: 'a:1', runtime, proofInterval: 0 },
    network: {
      ...servers.lines.from('b:1'),
      compare: (_to, asked, signal) => leader.cluster.compare(asked, signal),
    },
  })
  const linkOf = async () => (await cluster.status()).peers[0]?.links[0]
  await servers.until(async () => (await linkOf())?.phase === 'live')
  await state.set('users/1', 'from tomorrow')
  await servers.until(async () => (await linkOf())?.parked.length === 1)
  const proven = async () => (await cluster.prove())[0]
  expect(await proven()).toMatchObject({ proof: { agrees: false, defects: 0 } })
  expect(await cluster.freshness('users/1')).toMatchObject({ pendingWrites: 1 })
  // Refused only while the proof waits for what is on its way.
  await state.set('users/2', 'from tomorrow')
  expect(await proven()).toMatchObject({ proof: { agrees: false, defects: 0 } })
  await servers.pass(20_000)
  const parked = [{ reason: 'clock' }, { reason: 'clock' }]
  expect(await linkOf()).toMatchObject({ phase: 'live', parked })
  expect(await proven()).toMatchObject({ proof: { agrees: true, defects: 0 } })
  expect((await leader.state.get('users/1'))?.data).toBe('from tomorrow')
  const fresh = await cluster.freshness('users/1')
  expect(fresh).toMatchObject({ pendingWrites: 0 })
  expect(fresh).not.toHaveProperty('refused')
})

it('for a clock goes by itself within a minute of when it may: no proof, and no new link', async () => {
  await using servers = new Servers()
  const leader = await servers.add('a:1')
  const setup = { leader: 'a:1', ahead: 86_420_000, proofInterval: 0 }
  const member = await servers.add('b:1', setup)
  const linkOf = async () => (await member.cluster.status()).peers[0]?.links[0]
  await servers.until(async () => (await linkOf())?.phase === 'live')
  const { since } = (await linkOf()) ?? {}
  await member.state.set('users/1', 'from tomorrow')
  await servers.until(async () => (await linkOf())?.parked.length === 1)
  await servers.pass(15_000)
  expect(await linkOf()).toMatchObject({ phase: 'live', blocked: { cause: 'clock' } })
  // Five more seconds, and a minute.
  await servers.pass(65_000)
  expect((await leader.state.get('users/1'))?.data).toBe('from tomorrow')
  expect(await member.cluster.freshness('users/1')).toMatchObject({ pendingWrites: 0 })
  const link = await linkOf()
  expect(link).toMatchObject({ phase: 'live', since, parked: [] })
  expect(link).not.toHaveProperty('blocked')
  await member.cluster.confirmed('users/1')
})

async function refusedWrite(servers: Servers, member: Server): Promise<void> {
  const write = member.cluster.state().set('users/1', 'bad', { until: 'leader' })
  const refused = expect(write).rejects.toMatchObject({ code: 'rejected', retryable: false })
  await servers.pass(2_000)
  await refused
}

/** The leader takes no bad data. */
async function pair(servers: Servers): Promise<readonly [Server, Server]> {
  const leader = await servers.add('a:1', { storage: refusing })
  const member = await servers.add('b:1', { leader: 'a:1' })
  await servers.level()
  await servers.pass(1_000)
  return [leader, member]
}
