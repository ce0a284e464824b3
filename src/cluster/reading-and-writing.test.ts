import { describe, expect, it } from 'vitest'
import { type Server, Servers, turns } from './fixtures/servers.ts'

async function pair(servers: Servers): Promise<[Server, Server]> {
  const leader = await servers.add('a:1')
  const member = await servers.add('b:1', { leader: 'a:1' })
  await servers.until(() => phaseOf(member).then((phase) => phase === 'live'), 'a live link')
  return [leader, member]
}

async function phaseOf({ cluster }: Server): Promise<string | undefined> {
  return (await cluster.status()).peers[0]?.links[0]?.phase
}

/** Whether a promise has settled, as far as a few turns of the loop tell. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  void promise.then(
    () => (settled = true),
    () => (settled = true),
  )
  await turns(30)
  return settled
}

describe('a write until the leader has it', () => {
  it('resolves once it is there, and at once where this server leads or shares nothing', async () => {
    await using servers = new Servers()
    const [leader, member] = await pair(servers)
    await member.cluster.state().set('users/1', 1, { until: 'leader' })
    expect((await leader.state.get('users/1'))?.data).toBe(1)
    servers.lines.cut('a:1', 'b:1')
    await leader.cluster.state().set('users/2', 2, { until: 'leader' })
    await member.cluster.state().set('elsewhere', 2, { until: 'leader' })
    await member.cluster.state().set('users/3', 3)
  })

  it('goes for every kind of write', async () => {
    await using servers = new Servers()
    const [leader, member] = await pair(servers)
    const state = member.cluster.state()
    const until = { until: 'leader' } as const
    const there = async () => (await leader.state.list('users/*')).map(({ data }) => data)
    await state.push('users/*', { n: 1 }, until)
    expect(await there()).toEqual([{ n: 1 }])
    const [{ path = '' } = {}] = await leader.state.list('users/*')
    await state.patch(path, { m: 2 }, until)
    expect(await there()).toEqual([{ n: 1, m: 2 }])
    await state.update(path, () => ({ n: 3 }), until)
    expect(await there()).toEqual([{ n: 3 }])
    await state.write([{ set: 'users/x', data: 1 }, { delete: path }], until)
    expect(await there()).toEqual([1])
    await state.delete('users/*', until)
    expect(await there()).toEqual([])
    expect(await state.get('users/x')).toBeUndefined()
    expect(await state.list('users/*')).toEqual([])
    expect((await state.snapshot('users/*')).objects).toEqual([])
    await expect(state.set('users/1', 1, { until: 'never' as never })).rejects.toThrow(
      /until must be/,
    )
  })

  it('waits as long as the leader is away, or so long as it may; the write stands in any case', async () => {
    await using servers = new Servers()
    const [leader, member] = await pair(servers)
    servers.lines.cut('a:1', 'b:1')
    await servers.pass(6_000)
    const state = member.cluster.state()
    const patient = state.set('users/1', 1, { until: 'leader' })
    const hurried = state.set('users/2', 2, { until: 'leader', within: 1_000 })
    const stop = new AbortController()
    const stopped = state.set('users/3', 3, { until: 'leader', signal: stop.signal })
    const ends = Promise.allSettled([hurried, stopped])
    expect(await isSettled(hurried)).toBe(false)
    await servers.pass(1_000)
    stop.abort('enough')
    expect(await ends).toMatchObject([{ reason: { code: 'timeout' } }, { reason: 'enough' }])
    expect(await isSettled(patient)).toBe(false)
    servers.lines.heal('a:1', 'b:1')
    await servers.until(() => isSettled(patient))
    await patient
    await servers.level()
    expect((await leader.state.list('users/*')).length).toBe(3)
  })

  it('can be asked for afterwards, by path, by pattern and by version', async () => {
    await using servers = new Servers()
    const [, member] = await pair(servers)
    const first = await member.state.push('users/*', 1)
    await member.cluster.confirmed(first.object.path)
    await member.cluster.confirmed('users/*')
    servers.lines.cut('a:1', 'b:1')
    await member.state.set(first.object.path, 2)
    await member.cluster.confirmed(first.object.path, { version: first.version })
    const now = member.cluster.confirmed('users/*')
    expect(await isSettled(now)).toBe(false)
    servers.lines.heal('a:1', 'b:1')
    await servers.until(() => isSettled(now))
    await now
    const { cluster } = member
    await expect(cluster.confirmed('users/1', { version: 'abc' })).rejects.toThrow(
      /version must be/,
    )
    await expect(cluster.confirmed('users/1', { within: 0 })).rejects.toThrow(/within must be/)
    const state = cluster.state()
    await expect(state.set('users/1', 1, { within: -1 })).rejects.toThrow(/within must be/)
    await expect(state.set('users/1', 1, { within: 1 })).rejects.toThrow(/left out without until/)
    expect(await member.state.get('users/1')).toBeUndefined()
  })

  it('goes on with whoever is promoted meanwhile', async () => {
    await using servers = new Servers()
    const [leader] = await pair(servers)
    const other = await servers.add('c:1', { leader: 'a:1', nodes: ['b:1'] })
    const member = await servers.add('d:1', { leader: 'a:1', nodes: ['c:1'] })
    await servers.level()
    await leader.stop()
    const confirmed = member.cluster.state().set('users/1', 1, { until: 'leader' })
    expect(await isSettled(confirmed)).toBe(false)
    await other.cluster.promote()
    await servers.until(() => isSettled(confirmed))
    await confirmed
    expect((await other.state.get('users/1'))?.data).toBe(1)
  })

  it('rejects when the leader refuses it: its clock is a day behind', async () => {
    await using servers = new Servers()
    await servers.add('a:1')
    const member = await servers.add('b:1', { leader: 'a:1', ahead: 25 * 3_600_000 })
    await servers.until(() => phaseOf(member).then((phase) => phase === 'live'))
    const write = member.cluster.state().set('users/1', 1, { until: 'leader' })
    await expect(write).rejects.toMatchObject({ code: 'rejected', retryable: true })
    const { peers } = await member.cluster.status()
    expect(peers[0]?.links[0]).toMatchObject({
      parked: [{ id: 'users/1', reason: 'clock' }],
      blocked: { cause: 'clock' },
    })
    expect(await member.cluster.freshness('users/1')).toMatchObject({ pendingWrites: 1 })
    await member.stop()
    await member.start({ leader: 'a:1', syncOnStart: false })
    expect(await member.cluster.freshness('users/1')).toMatchObject({ pendingWrites: 1 })
  })

  it('resolves when the last push of a cluster that is closed has brought it there', async () => {
    await using servers = new Servers()
    const [leader, member] = await pair(servers)
    const write = member.cluster.state().set('users/1', 1, { until: 'leader' })
    const closing = member.cluster.close()
    await servers.until(() => isSettled(closing))
    expect(await isSettled(write)).toBe(true)
    await write
    expect((await leader.state.get('users/1'))?.data).toBe(1)
  })

  it('rejects when the cluster is closed', async () => {
    await using servers = new Servers()
    const [, member] = await pair(servers)
    servers.lines.cut('a:1', 'b:1')
    const write = expect(
      member.cluster.state().set('users/1', 1, { until: 'leader' }),
    ).rejects.toMatchObject({ code: 'closed' })
    await turns(10)
    await member.cluster.close()
    await write
    await expect(member.cluster.confirmed('users/1')).rejects.toMatchObject({ code: 'closed' })
    await expect(member.cluster.status()).rejects.toMatchObject({ code: 'closed' })
  })
})

describe('how fresh a read is', () => {
  it('is told by time, by reach and by what waits', async () => {
    await using servers = new Servers()
    const [leader, member] = await pair(servers)
    await servers.pass(10_000)
    const { asOf = 0, ...others } = await member.cluster.freshness('users/1')
    expect(others).toEqual({ leaderReachable: true, pendingWrites: 0 })
    expect(servers.runtime.now() - asOf).toBeLessThanOrEqual(3_000)
    const cutAt = servers.runtime.now()
    servers.lines.cut('a:1', 'b:1')
    await member.state.write([
      { set: 'users/1', data: 1 },
      { set: 'users/2', data: 2 },
    ])
    await servers.pass(60_000)
    const away = await member.cluster.freshness('users/*')
    expect(away).toMatchObject({ leaderReachable: false, pendingWrites: 2 })
    expect(away.asOf).toBeLessThanOrEqual(cutAt)
    expect(away.asOf).toBeGreaterThanOrEqual(asOf)
    const now = servers.runtime.now()
    const here = { asOf: now, leaderReachable: true, pendingWrites: 0 }
    expect(await leader.cluster.freshness('users/1')).toEqual(here)
    expect(await member.cluster.freshness('elsewhere')).toEqual(here)
  })

  it('is not known before the leader was reached; what waits for it is', async () => {
    await using servers = new Servers()
    const member = await servers.add('b:1', { leader: 'a:1' })
    await member.state.set('users/1', 1)
    await member.state.set('elsewhere', 1)
    await servers.pass(5_000)
    const fresh = await member.cluster.freshness('users/1')
    expect(fresh).toEqual({ leaderReachable: false, pendingWrites: 1 })
  })

  it('knows what waits after a restart while the leader is away, whoever leads by then', async () => {
    await using servers = new Servers()
    const [leader, member] = await pair(servers)
    await leader.state.set('users/0', 0)
    await servers.level()
    await leader.stop()
    await member.state.set('users/1', 1)
    await member.state.set('users/2', 2)
    await member.stop()
    await member.start()
    await servers.pass(5_000)
    const waits = async () => (await member.cluster.freshness('users/*')).pendingWrites
    expect(await waits()).toBe(2)
    await leader.start()
    await servers.level()
    expect(await waits()).toBe(0)
    await member.stop()
    // One that has confirmed nothing.
    await member.start({ leader: 'c:1' })
    await servers.pass(5_000)
    expect(await waits()).toBe(3)
    await servers.add('c:1')
    await servers.until(async () => (await waits()) === 0)
    servers.lines.plug('c:1', undefined)
    await member.state.set('users/3', 3)
    await member.stop()
    await member.start({ leader: 'c:1' })
    await servers.pass(5_000)
    expect(await waits()).toBe(1)
    expect((await leader.state.list('cluster/links/*')).length).toBe(0)
  })
})

describe('before a read', () => {
  it('a member that is asked only now and then is brought level with its leader', async () => {
    await using servers = new Servers()
    const [leader, member] = await polling(servers)
    await leader.state.set('users/1', 'fresh')
    expect((await member.cluster.state().get('users/1'))?.data).toBe('fresh')
    await leader.state.set('users/1', 'fresher')
    await member.cluster.beforeRead('users/*')
    expect((await member.state.get('users/1'))?.data).toBe('fresher')
  })

  it('nobody waits for a sync under way, nor longer than the limit, nor for a leader that is away', async () => {
    await using servers = new Servers()
    const [, member] = await polling(servers)
    servers.lines.cut('a:1', 'b:1', 'silent')
    const first = member.cluster.beforeRead('users/1')
    expect(await isSettled(first)).toBe(false)
    expect(await isSettled(member.cluster.beforeRead('users/1'))).toBe(true)
    servers.runtime.pass(200)
    await first
    const stop = new AbortController()
    stop.abort('enough')
    await expect(member.cluster.beforeRead('users/1', { signal: stop.signal })).rejects.toBe(
      'enough',
    )
    await servers.until(async () => !(await member.cluster.freshness('users/1')).leaderReachable)
    expect(await isSettled(member.cluster.beforeRead('users/1'))).toBe(true)
  })

  /** A leader that sends nothing by itself. */
  async function polling(servers: Servers): Promise<[Server, Server]> {
    servers.lines.streams = false
    const leader = await servers.add('a:1')
    const member = await servers.add('b:1', { leader: 'a:1' })
    await servers.until(() => phaseOf(member).then((phase) => phase === 'polling'))
    return [leader, member]
  }
})

describe('syncing when told to', () => {
  it('is what a server does without syncOnStart, or in between', async () => {
    await using servers = new Servers()
    const leader = await servers.add('a:1')
    const member = await servers.add('b:1', { leader: 'a:1', syncOnStart: false })
    await leader.state.set('users/1', 1)
    await servers.pass(10_000)
    expect(await member.state.get('users/1')).toBeUndefined()
    expect(servers.lines.calls).toEqual([])
    await expect(member.cluster.synchronize()).rejects.toMatchObject({ code: 'unavailable' })
    member.cluster.start()
    await servers.level()
    expect(await member.cluster.synchronize({ key: 'users/*' })).toBe(true)
    expect(await leader.cluster.synchronize()).toBe(false)
    expect(await member.cluster.synchronize({ key: 'elsewhere' })).toBe(false)
    servers.lines.cut('a:1', 'b:1')
    await expect(member.cluster.synchronize()).rejects.toMatchObject({ code: 'network' })
  })
})
