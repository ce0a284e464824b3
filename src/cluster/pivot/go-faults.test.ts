import { describe, expect, it } from 'vitest'
import { expectLevel, leaderAddress, type UnderGo, underGo } from './fixtures/go-cluster.ts'
import { GoServer } from './fixtures/go-server.ts'
import { underUs } from './fixtures/under-us.ts'

/** The six ways in which the original loses data, with a server of ours in the place of each of its two roles. */

const keys = ['users/*', 'settings']

describe('fault 1: one delete time for a whole list', () => {
  it('what our member wrote while the leader was away outlives a later delete of something else', async () => {
    const cluster = await underGo()
    const { leader, member, net } = cluster
    await leader.set('users/old', 1)
    await member.sync()
    net.cut(leaderAddress)
    await member.tree.set('users/new', 1)
    await leader.del('users/old')
    net.mend(leaderAddress)
    await member.sync()
    await member.sync()
    await expectLevel(cluster, member)
    expect(leader.storage.list('users/*').map(({ index }) => index)).toEqual(['new'])
  })

  it('a node of the original would have lost it', async () => {
    const cluster = await underGo()
    const { leader, net } = cluster
    const node = nodeOf(cluster)
    await leader.set('users/old', 1)
    await node.pull()
    net.cut(leaderAddress)
    await node.set('users/new', 1)
    await leader.del('users/old')
    net.mend(leaderAddress)
    await node.sync()
    expect(node.storage.list('users/*')).toEqual([])
  })

  it('under our leader, what the leader acknowledged is there, whatever a node makes of delete times', async () => {
    await using cluster = await underUs()
    const { leader, nodes, net, settled } = cluster
    const [node] = nodes as [GoServer]
    await leader.tree.set('users/kept', 1)
    await leader.tree.set('users/old', 1)
    await settled()
    net.cut(node.address)
    await leader.tree.delete('users/old')
    await node.set('users/offline', 1)
    net.mend(node.address)
    await node.sync()
    await settled()
    expect(await leader.tree.get('users/kept')).toBeDefined()
    expect(await leader.tree.get('users/old')).toBeUndefined()
  })
})

describe('fault 1, under our leader: what a node wrote while it was cut off', () => {
  it('is taken over, although it asks us before it lets anybody read', async () => {
    await using cluster = await underUs(2)
    const { leader, nodes, net, settled } = cluster
    const [node, other] = nodes as [GoServer, GoServer]
    for (const name of ['old', 'shared']) await leader.tree.set(`users/${name}`, 1)
    await settled()
    net.cut(node.address)
    await node.set('users/new', 1)
    await node.set('users/shared', 'of the node')
    await node.set('settings', 'of the node')
    await leader.tree.set('users/later', 1)
    await leader.tree.delete('users/old')
    await settled()
    net.mend(node.address)
    // Nobody has seen yet that it is back when it asks.
    await node.beforeRead()
    await settled()
    const names = ['later', 'new', 'shared']
    for (const one of nodes)
      expect(
        one.storage
          .list('users/*')
          .map(({ index }) => index)
          .toSorted(),
      ).toEqual(names)
    expect((await leader.tree.list('users/*')).map(({ index }) => index).toSorted()).toEqual(names)
    expect((await leader.tree.get('users/shared'))?.data).toBe('of the node')
    expect(other.storage.get('settings')?.data).toBe('"of the node"')
  })

  it('is taken over as soon as it is back, when nobody reads', async () => {
    await using cluster = await underUs()
    const { leader, nodes, net, settled } = cluster
    const [node] = nodes as [GoServer]
    await settled()
    net.cut(node.address)
    await leader.tree.set('users/a', 1)
    await node.set('users/b', 1)
    await settled()
    net.mend(node.address)
    await settled()
    expect(await leader.tree.get('users/b')).toBeDefined()
    expect(
      node.storage
        .list('users/*')
        .map(({ index }) => index)
        .toSorted(),
    ).toEqual(['a', 'b'])
  })

  it('does not come back when it was deleted here since', async () => {
    await using cluster = await underUs()
    const { leader, nodes, net, settled } = cluster
    const [node] = nodes as [GoServer]
    await leader.tree.set('users/a', 1)
    await settled()
    net.cut(node.address)
    await node.set('users/a', 2)
    await leader.tree.delete('users/a')
    await leader.tree.set('users/b', 1)
    await settled()
    net.mend(node.address)
    await settled()
    expect(await leader.tree.get('users/a')).toBeUndefined()
    expect(node.storage.list('users/*').map(({ index }) => index)).toEqual(['b'])
  })
})

describe('fault 2: a POST is stored without a look at its time', () => {
  it('our leader keeps the newer write, and brings the node level with it', async () => {
    await using cluster = await underUs()
    const { leader, nodes, net, settled } = cluster
    const [node] = nodes as [GoServer]
    net.cut(node.address)
    await node.set('users/a', 'older')
    const older = node.storage.get('users/a')
    await leader.tree.set('users/a', 'newer')
    net.mend(node.address)
    await leader.call(
      'POST',
      'pivot/users/a',
      `{"created":${older?.created},"updated":0,"index":"a","data":"older"}`,
      { 'x-pivot-originator': node.address },
    )
    await settled()
    expect((await leader.tree.get('users/a'))?.data).toBe('newer')
  })

  it('under a leader of the original, our member puts the newer write back', async () => {
    const cluster = await underGo()
    const { leader, member } = cluster
    await leader.set('users/a', 'older')
    const { created = 0n } = leader.storage.get('users/a') ?? {}
    await member.sync()
    await member.tree.set('users/a', 'newer')
    await member.sync()
    leader.storage.setWithMeta('users/a', '"older"', created, 0n)
    await member.sync()
    expect(await member.read('users/a')).toBe('newer')
    expect(leader.storage.get('users/a')?.data).toBe('"newer"')
    await expectLevel(cluster, member)
  })
})

describe('fault 3: a node that missed a delete brings the item back', () => {
  it('not on our leader, which has the tombstone', async () => {
    await using cluster = await underUs()
    const { leader, nodes, net, settled } = cluster
    const [node] = nodes as [GoServer]
    await leader.tree.set('users/a', 1)
    await settled()
    expect(node.storage.get('users/a')).toBeDefined()
    net.cut(node.address)
    await leader.tree.delete('users/a')
    await node.set('users/b', 1)
    net.mend(node.address)
    await node.sync()
    for (const object of node.storage.list('users/*'))
      await leader.call(
        'POST',
        `pivot/${object.path}`,
        JSON.stringify({ index: object.index, data: 1 }).replace(
          '{',
          `{"created":${object.created},"updated":${object.updated},`,
        ),
      )
    await settled()
    expect(await leader.tree.get('users/a')).toBeUndefined()
    expect(await leader.tree.get('users/b')).toBeDefined()
  })

  it('and not for long under a leader of the original: our member deletes it once more', async () => {
    const cluster = await underGo()
    const { leader, member } = cluster
    await member.tree.set('users/a', 1)
    await leader.set('users/b', 1)
    await member.sync()
    const object = leader.storage.get('users/a')
    await member.tree.delete('users/a')
    await member.sync()
    expect(leader.storage.get('users/a')).toBeUndefined()
    leader.storage.setWithMeta('users/a', '1', object?.created ?? 0n, 0n)
    await member.sync()
    await member.sync()
    expect(await member.read('users/a')).toBeUndefined()
    await expectLevel(cluster, member)
  })
})

describe('fault 4: what failed is not sent again by itself', () => {
  it('our member’s outbox keeps it until the leader has it', async () => {
    const cluster = await underGo()
    const { leader, member, net } = cluster
    await member.sync()
    net.cut(leaderAddress)
    for (const name of ['a', 'b', 'c']) {
      await member.tree.set(`users/${name}`, name)
      expect((await member.sync()).errors).toHaveLength(1)
    }
    await member.tree.delete('users/b')
    net.mend(leaderAddress)
    await member.sync()
    await expectLevel(cluster, member)
    expect(leader.storage.list('users/*')).toHaveLength(2)
  })

  it('our leader tells a node again that was away', async () => {
    await using cluster = await underUs(2)
    const { leader, nodes, net, settled } = cluster
    const [node, other] = nodes as [GoServer, GoServer]
    net.cut(node.address)
    await leader.tree.set('users/a', 1)
    await settled()
    expect(other.storage.get('users/a')).toBeDefined()
    net.mend(node.address)
    await settled()
    expect(node.storage.get('users/a')?.data).toBe('1')
  })
})

describe('fault 5: every change costs a scan and a list', () => {
  it('our leader answers for its activity without a look at the list', async () => {
    await using cluster = await underUs()
    const { leader } = cluster
    for (let at = 0; at < 200; at++) await leader.tree.set(`users/u${at}`, at)
    expect((await leader.call('GET', 'activity/users')).text).toMatch(/^\{"lastEntry":\d{19}\}$/)
  })

  it('our member asks for no list on account of its own writes', async () => {
    const { member, net } = await underGo()
    await member.sync()
    net.requests.length = 0
    await member.tree.set('users/a', 1)
    await member.sync()
    await member.sync()
    expect(net.requests.filter((one) => one.includes('/pivot/users/*'))).toEqual([])
  })
})

describe('fault 6: a full sync deletes what the node has not seen yet', () => {
  it('our leader ignores it, answers 200, and counts it', async () => {
    await using cluster = await underUs(1, keys, { takes: false })
    const { leader, nodes, net, settled } = cluster
    const [node] = nodes as [GoServer]
    net.cut(node.address)
    await leader.tree.set('users/once', 1)
    await leader.tree.set('users/twice', 1)
    await leader.tree.set('users/twice', 2)
    await leader.tree.set('settings', 1)
    await node.set('users/own', 1)
    await node.set('users/own', 2)
    net.mend(node.address)
    net.requests.length = 0
    await node.sync()
    await settled()
    const deletes = net.requests.filter((one) => one.startsWith('DELETE'))
    expect(deletes).toHaveLength(2)
    expect(leader.routes.counts.ignoredDeletes).toBe(2)
    expect((await leader.tree.list('users/*')).map(({ index }) => index).toSorted()).toEqual([
      'once',
      'own',
      'twice',
    ])
    await node.set('settings', 'of a node')
    expect(await leader.tree.get('settings')).toBeDefined()
  })

  it('under a leader of the original, our member gives back what a node had it destroy', async () => {
    const cluster = await underGo()
    const { leader, member, net } = cluster
    const node = nodeOf(cluster)
    await leader.set('users/shared', 1)
    await node.pull()
    await member.tree.set('users/a', 1)
    await member.tree.set('users/a', 2)
    await member.sync()
    net.cut(node.address)
    await node.set('users/own', 1)
    net.mend(node.address)
    await node.sync()
    expect(leader.storage.get('users/a')).toBeUndefined()
    await member.sync()
    await member.sync()
    expect(await member.read('users/a')).toBe(2)
    expect(leader.storage.get('users/a')?.data).toBe('2')
    await expectLevel(cluster, member)
  })
})

/** A server of the original that follows the same leader. */
function nodeOf({ net, time }: UnderGo) {
  const address = '10.0.0.7:8080'
  return new GoServer({ address, keys, net, leader: leaderAddress, now: time.next })
}
