import { describe, expect, it } from 'vitest'
import { syncOnce } from '../../link/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { patternFilter } from '../../store/state/index.ts'
import { expectLevel, leaderAddress, underGo } from './fixtures/go-cluster.ts'
import { GoServer } from './fixtures/go-server.ts'
import { pivotIdentity } from './identity.ts'
import { pivotTransport } from './pivot-transport.ts'

describe('a member of ours under a leader of the original', () => {
  it('K1: sends its writes and deletes, and takes the leader’s', async () => {
    const cluster = await underGo()
    const { leader, member } = cluster
    await member.tree.set('users/a', { n: 1, html: '<b>' })
    await member.tree.set('settings', { dark: true })
    await leader.set('users/b', { n: 2, html: '<&>' })
    expect((await member.sync()).errors).toEqual([])
    await expectLevel(cluster, member)
    expect(await member.read('users/b')).toEqual({ n: 2, html: '<&>' })
    expect(leader.storage.get('settings')?.data).toBe('{"dark":true}')

    await member.tree.set('users/b', 'ours')
    await leader.set('users/a', 'theirs')
    await leader.set('settings', 'theirs')
    await member.sync()
    await expectLevel(cluster, member)
    expect(await member.read('users/a')).toBe('theirs')
    expect(await member.read('settings')).toBe('theirs')
    expect(leader.storage.get('users/b')?.data).toBe('"ours"')

    await member.tree.delete('users/a')
    await leader.del('users/b')
    await leader.del('settings')
    await member.sync()
    await member.sync()
    await expectLevel(cluster, member)
    expect(await member.read('settings')).toBeUndefined()
    expect(leader.storage.list('users/*')).toEqual([])
  })

  it('T4: times go both ways digit for digit', async () => {
    const { leader, member } = await underGo()
    leader.storage.setWithMeta(
      'users/a',
      '1',
      1_767_600_000_000_000_001n,
      1_767_600_000_000_000_003n,
    )
    const set = await member.tree.set('users/b', 1)
    await member.sync()
    expect(await member.tree.get('users/a')).toMatchObject({
      created: 1_767_600_000_000_000_001n,
      updated: 1_767_600_000_000_000_003n,
    })
    expect(leader.storage.get('users/b')?.created).toBe(set.object?.created)
  })

  it('a delete there becomes a tombstone a nanosecond after what it deleted', async () => {
    const { leader, member } = await underGo()
    await leader.set('users/a', 1)
    await leader.set('users/b', 1)
    await member.sync()
    const { created = 0n } = (await member.tree.get('users/a')) ?? {}
    await leader.del('users/a')
    await member.sync()
    const { found } = await member.storage.rows(['users/a'])
    expect(found[0]?.row).toMatchObject({ updated: created + 1n, dataText: null })
  })

  it('what it has not confirmed is on its way, and is not taken for deleted', async () => {
    const cluster = await underGo()
    const { leader, member, net } = cluster
    await leader.set('users/a', 1)
    await member.sync()
    await member.tree.set('users/new', 1)
    await leader.set('users/b', 1)
    await leader.del('users/b')
    const transport = pivotTransport({
      address: leaderAddress,
      keys: ['users/*', 'settings'],
      local: member.storage,
      fetch: net.from('10.0.0.2:8080'),
    })
    const { origin } = pivotIdentity(leaderAddress, systemRuntime)
    const { pulled } = await member.storage.link(origin)
    const page = await transport.pull(pulled, { count: 100, bytes: 1e6 })
    expect(page).toMatchObject({ kind: 'page', changes: [] })
    await member.sync()
    await expectLevel(cluster, member)
    expect(leader.storage.get('users/new')?.data).toBe('1')
  })

  it('a write that was deleted there meanwhile, and had been changed here since, stays', async () => {
    const cluster = await underGo()
    const { leader, member } = cluster
    await leader.set('users/a', 1)
    await leader.set('users/b', 1)
    await member.sync()
    await leader.del('users/a')
    await member.tree.set('users/a', 'newer')
    await member.sync()
    await expectLevel(cluster, member)
    expect(leader.storage.get('users/a')?.data).toBe('"newer"')
  })

  it('T1: an older write of ours never replaces a newer one there', async () => {
    const { leader, member, net } = await underGo()
    await member.tree.set('users/a', 'older')
    await leader.set('users/a', 'newer')
    await member.sync()
    expect(leader.storage.get('users/a')?.data).toBe('"newer"')
    expect(await member.read('users/a')).toBe('newer')
    expect(net.requests.filter((one) => one.startsWith('POST'))).toEqual([])
  })

  it('S3: a crash between a POST and its receipt repeats nothing, and never puts the old over the new', async () => {
    const { leader, member, net } = await underGo()
    await leader.set('users/z', 1)
    await member.sync()
    await member.tree.set('users/a', 'first')
    net.losesAnswer = (line) => line.startsWith('POST')
    expect((await member.sync()).errors).toHaveLength(1)
    net.losesAnswer = () => false
    expect(leader.storage.get('users/a')?.data).toBe('"first"')
    member.restart()
    net.requests.length = 0
    await member.sync()
    expect(net.requests.filter((one) => one.startsWith('POST'))).toEqual([])

    await member.tree.set('users/b', 'first')
    net.losesAnswer = (line) => line.startsWith('POST')
    await member.sync()
    net.losesAnswer = () => false
    await leader.set('users/b', 'second')
    member.restart()
    await member.sync()
    expect(leader.storage.get('users/b')?.data).toBe('"second"')
    expect(await member.read('users/b')).toBe('second')
  })

  it('says where it stands: who the leader is, and only 2.0', async () => {
    const { leader, member } = await underGo()
    leader.protocol = '2.1'
    const { errors } = await member.sync()
    expect(errors[0]).toMatchObject({ code: 'protocol', retryable: false })
    expect(errors[0]?.message).toContain('"2.1"')
  })

  it('a leader that is away keeps everything in the outbox, and fails in a way that passes', async () => {
    const cluster = await underGo()
    const { member, net } = cluster
    await member.tree.set('users/a', 1)
    net.cut(leaderAddress)
    expect((await member.sync()).errors[0]).toMatchObject({ code: 'network', retryable: true })
    expect(await member.read('users/a')).toBe(1)
    net.mend(leaderAddress)
    await member.sync()
    await expectLevel(cluster, member)
  })

  it('an index that the leader’s route does not know is kept, shown with its reason, and holds nothing up', async () => {
    const { leader, member } = await underGo()
    await member.tree.set('users/a-b', 1)
    await member.tree.set('users/a.b', 1)
    await member.tree.set('users/a_b', 1)
    await member.tree.set('users/ab', 1)
    await member.sync()
    expect(leader.storage.list('users/*').map(({ index }) => index)).toEqual(['ab'])
    const { origin } = pivotIdentity(leaderAddress, systemRuntime)
    const { parked } = await member.storage.link(origin)
    expect(parked.map(({ id }) => id)).toEqual(['users/a-b', 'users/a.b', 'users/a_b'])
    expect(parked[0]?.message).toBe(
      'not syncable to that peer: a server of the original takes letters and digits in an index, and "a-b" has "-"',
    )
    await leader.set('users/c', 1)
    await member.sync()
    expect(await member.tree.list('users/*')).toHaveLength(5)
  })

  it('a key of several levels is kept and shown: the original would ask for something else', async () => {
    const { leader, member } = await underGo(['users/*/posts/*', 'settings'])
    await member.tree.set('users/a/posts/b', 1)
    await member.tree.set('settings', 1)
    const { errors } = await member.sync()
    expect(errors).toMatchObject([{ code: 'rejected' }])
    expect(leader.storage.get('settings')?.data).toBe('1')
    expect(await member.read('users/a/posts/b')).toBe(1)
  })

  it('a key that the leader does not share holds up no other', async () => {
    const { leader, member, net, time } = await underGo(['users/*', 'settings'])
    const other = new GoServer({ address: leaderAddress, keys: ['users/*'], net, now: time.next })
    await member.tree.set('settings', 1)
    await member.tree.set('users/a', 1)
    await other.set('users/b', 1)
    const { errors } = await member.sync()
    expect(errors.map(({ code }) => code)).toEqual(['rejected'])
    expect(other.storage.list('users/*')).toHaveLength(2)
    expect(await member.read('users/b')).toBe(1)
    expect(leader.storage.list('users/*')).toEqual([])
  })

  it('an object that the leader fails on is parked, and offered again', async () => {
    const cluster = await underGo()
    const { leader, member } = cluster
    leader.fails.set('users/bad', 500)
    await member.tree.set('users/bad', 1)
    await member.tree.set('users/good', 1)
    expect((await member.sync()).errors).toMatchObject([{ code: 'rejected' }])
    expect(leader.storage.list('users/*').map(({ index }) => index)).toEqual(['good'])
    leader.fails.clear()
    expect((await member.sync()).errors).toEqual([])
    await expectLevel(cluster, member)
  })

  it('what can’t be read of a list is shown, and the rest is taken', async () => {
    const { leader, member } = await underGo()
    await leader.set('users/a', 1)
    leader.storage.setWithMeta('users/x y', '1', 5n, 0n)
    await member.sync()
    expect(await member.read('users/a')).toBe(1)
    const { origin } = pivotIdentity(leaderAddress, systemRuntime)
    const { parked } = await member.storage.link(origin)
    expect(parked).toMatchObject([{ id: 'users/x y', reason: 'unreadable' }])
  })

  it('a list comes in pages of what is asked for', async () => {
    const cluster = await underGo()
    const { leader, member } = cluster
    for (let at = 0; at < 350; at++) leader.storage.set(`users/u${at}`, '1')
    await member.sync()
    await expectLevel(cluster, member)
    for (let at = 0; at < 350; at++) await member.tree.set(`users/m${at}`, 1)
    await member.sync()
    await expectLevel(cluster, member)
    expect(leader.storage.list('users/*')).toHaveLength(700)
  })

  it('what another member changed comes, though it was seen while sending', async () => {
    const cluster = await underGo()
    const { leader, member } = cluster
    await leader.set('users/a', 1)
    await member.sync()
    for (let at = 0; at < 5; at++) {
      await leader.set(`users/t${at}`, at)
      await member.tree.set(`users/m${at}`, at)
      await member.sync()
      await expectLevel(cluster, member)
    }
  })
})

describe('a leader of the original that has lost what it had confirmed', () => {
  it('K1: in memory, after a restart: it gets everything back', async () => {
    const cluster = await underGo()
    const { leader, member } = cluster
    for (let at = 0; at < 5; at++) {
      await leader.set(`users/t${at}`, at)
      await member.tree.set(`users/m${at}`, at)
    }
    await member.tree.set('settings', 'ours')
    await member.sync()
    leader.wipe()
    await member.sync()
    await expectLevel(cluster, member)
    expect(leader.storage.list('users/*')).toHaveLength(10)
    expect(leader.storage.get('settings')?.data).toBe('"ours"')
  })

  it('K1: also when somebody has written there before we looked', async () => {
    const cluster = await underGo()
    const { leader, member } = cluster
    await leader.set('users/t', 1)
    await member.tree.set('users/m', 1)
    await member.sync()
    leader.wipe()
    await leader.set('users/new', 1)
    await member.tree.set('users/later', 1)
    member.restart()
    await member.sync()
    await expectLevel(cluster, member)
    expect(await member.tree.list('users/*')).toHaveLength(4)
  })

  it('K1: two members that give it back side by side take nothing for deleted', async () => {
    const cluster = await underGo()
    const { leader, member, join } = cluster
    const other = await join('10.0.0.3:8080')
    for (let at = 0; at < 40; at++) await member.tree.set(`users/m${at}`, at)
    await member.sync()
    await other.sync()
    leader.wipe()
    await member.tree.set('users/new', 1)
    await other.tree.set('users/newer', 1)
    await Promise.all([member.sync(), other.sync()])
    for (let rounds = 0; rounds < 3; rounds++) for (const one of [member, other]) await one.sync()
    await expectLevel(cluster, member)
    await expectLevel(cluster, other)
    expect(leader.storage.list('users/*')).toHaveLength(42)
  })

  it('S4: restored from an older backup, it gets the later versions back', async () => {
    const cluster = await underGo()
    const { leader, member } = cluster
    await member.tree.set('users/a', 'old')
    await member.sync()
    const backup = leader.storage.backup()
    await member.tree.set('users/a', 'new')
    await member.tree.set('users/b', 'new')
    await member.sync()
    leader.wipe(backup)
    await member.sync()
    await expectLevel(cluster, member)
    expect(leader.storage.get('users/a')?.data).toBe('"new"')
  })

  it('a new leader at another address gets everything, and nothing is discarded', async () => {
    const { member, net, time } = await underGo()
    await member.tree.set('users/a', 1)
    await member.sync()
    await member.tree.set('users/unsynced', 1)
    const keys = ['users/*', 'settings']
    const next = new GoServer({ address: '10.0.0.9:8080', keys, net, now: time.next })
    await next.set('users/theirs', 1)
    const local = member.storage
    const transport = pivotTransport({
      address: next.address,
      keys,
      local,
      fetch: net.from('10.0.0.2:8080'),
    })
    await syncOnce({ replica: local, transport, filter: patternFilter(keys, systemRuntime) })
    expect(next.storage.list('users/*')).toHaveLength(3)
    expect(await member.tree.list('users/*')).toHaveLength(3)
  })
})

describe('what it costs', () => {
  it('K3: own writes cost one look at the activity and one POST each, never the list', async () => {
    const { leader, member, net } = await underGo(['users/*'])
    for (let at = 0; at < 100; at++) leader.storage.set(`users/u${at}`, '1')
    await member.sync()
    net.requests.length = 0
    for (let at = 0; at < 5; at++) {
      await member.tree.set(`users/m${at}`, at)
      await member.sync()
    }
    const lists = net.requests.filter((one) => one.includes('/pivot/users/*'))
    expect(lists).toEqual([])
    expect(net.requests.filter((one) => one.startsWith('POST'))).toHaveLength(5)
  })

  it('a list is asked for when the activity has moved, and not else', async () => {
    const { leader, member, net } = await underGo(['users/*', 'things/*'])
    await leader.set('users/a', 1)
    await leader.set('things/a', 1)
    await member.sync()
    net.requests.length = 0
    await member.sync()
    expect(net.requests.filter((one) => one.includes('/pivot/'))).toEqual([])
    await leader.set('things/b', 1)
    await member.sync()
    expect(net.requests.filter((one) => one.includes('/_pivot/pivot/'))).toEqual([
      `GET ${leaderAddress} /_pivot/pivot/things/*`,
    ])
  })
})

it.each([
  [{ address: 'nowhere' }, /address/],
  [{ keys: [] }, /keys/],
  [{ keys: ['_x'] }, /keys/],
  [{ local: {} }, /local/],
  [{ timeout: -1 }, /timeout/],
])('misuse is told at once: %o', (wrong, expected) => {
  const local = { rows() {}, list() {}, changes() {}, link() {} }
  const right = { address: leaderAddress, keys: ['users/*'], local }
  expect(() => pivotTransport({ ...right, ...wrong } as never)).toThrow(expected)
})
