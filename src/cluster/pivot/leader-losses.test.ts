import { describe, expect, it } from 'vitest'
import type { Position } from '../../version/index.ts'
import { expectLevel, leaderAddress, type UnderGo, underGo } from './fixtures/go-cluster.ts'
import { GoServer } from './fixtures/go-server.ts'
import { LostForGood } from './fixtures/lost-for-good.ts'
import { behindActivity, lookAgain, MissedNotices } from './fixtures/missed-notices.ts'
import type { PivotMember } from './fixtures/pivot-member.ts'

/** Histories that were found at random under a leader of the original, and what is at their bottom. */

describe('a leader of the original that loses its memory while it is given back what it has lost', () => {
  it('K1: gets it back before anything new, also when it has lost it once more', async () => {
    const cluster = await underGo()
    const { leader, member } = cluster
    await member.tree.set('users/a', 1)
    await member.sync()
    leader.wipe()
    await losingAnswers(cluster, member)
    await member.tree.set('users/d', 1)
    leader.wipe()
    expect((await member.sync()).errors).toEqual([])
    await expectLevel(cluster, member)
    expect(names(cluster)).toEqual(['a', 'd'])
  })

  it('K1: as it was found, with a member that was cut off and two keys', async () => {
    const cluster = await underGo()
    const { leader, member, join, net } = cluster
    const other = await join('10.0.0.3:8080')
    await member.tree.set('users/a', 0)
    await member.sync()
    leader.wipe()
    net.cut('10.0.0.2:8080')
    net.mend('10.0.0.2:8080')
    await member.tree.set('settings', 1)
    await losingAnswers(cluster, member)
    await member.tree.set('users/d', 2)
    leader.wipe()
    for (let round = 0; round < 4; round++)
      for (const one of [member, other]) expect((await one.sync()).errors).toEqual([])
    for (const one of [member, other]) await expectLevel(cluster, one)
    expect(names(cluster)).toEqual(['a', 'd'])
    expect(leader.storage.get('settings')?.data).toBe('1')
  })

  it('K1: gets it back before anything new, also what it refused at first', async () => {
    const cluster = await underGo()
    const { leader, member, net } = cluster
    await member.tree.set('users/a', 1)
    await member.sync()
    leader.wipe()
    leader.fails.set('users/a', 500)
    await member.sync()
    leader.fails.clear()
    await member.tree.set('users/d', 1)
    net.requests.length = 0
    await member.sync()
    const posts = net.requests.filter((one) => one.startsWith('POST'))
    expect(posts).toEqual(
      ['a', 'd'].map((name) => `POST ${leaderAddress} /_pivot/pivot/users/${name}`),
    )
  })
})

describe('what a member takes for deleted, because its leader has lost it and somebody has written there since', () => {
  it('K1: comes back with the member that has written it', async () => {
    const cluster = await underGo()
    const { leader, member, join, net } = cluster
    const other = await join('10.0.0.3:8080')
    await leader.set('users/a', 1)
    await other.tree.set('users/b', 2)
    await other.sync()
    await member.sync()
    leader.wipe()
    await leader.set('users/c', 3)
    // It gives back the first of two, and hears no more.
    await losingAnswers(cluster, other)
    await member.sync()
    expect(await member.read('users/b')).toBeUndefined()
    for (let round = 0; round < 2; round++)
      for (const one of [other, member]) expect((await one.sync()).errors).toEqual([])
    for (const one of [member, other]) {
      await expectLevel(cluster, one)
      expect(await one.read('users/b')).toBe(2)
    }
    expect(names(cluster)).toEqual(['a', 'b', 'c'])
    net.requests.length = 0
    for (const one of [other, member]) await one.sync()
    expect(net.requests.filter((one) => !one.startsWith('GET'))).toEqual([])
  })
})

describe('what it lost, came from others, and is followed by a later write while something else is there again', () => {
  it('is gone, as a delete would look the same; what the member wrote itself comes back', async () => {
    const cluster = await underGo()
    const { leader, member, join } = cluster
    const other = await join('10.0.0.3:8080')
    await other.tree.set('users/a', 1)
    await other.sync()
    await member.tree.set('users/c', 2)
    await member.tree.set('users/own', 2)
    await member.sync()
    await leader.set('users/c', 3)
    await member.sync()
    leader.wipe()
    await other.tree.set('users/d', 4)
    for (const one of [other, member, other]) expect((await one.sync()).errors).toEqual([])
    for (const one of [member, other]) await expectLevel(cluster, one)
    expect(names(cluster)).toEqual(['a', 'd', 'own'])
  })

  it('is gone, as it was found: of a write that was replaced at the leader', async () => {
    const cluster = await underGo()
    const { leader, member, join } = cluster
    const other = await join('10.0.0.3:8080')
    const lost = new LostForGood(leader)
    await other.tree.set('users/a', 0)
    await other.tree.set('users/a', 1)
    const { object } = await member.tree.set('users/c', 2)
    lost.wrote(member, 'users/c', object?.created ?? 0n)
    await other.tree.set('users/a', 3)
    await member.tree.set('settings', 4)
    await other.sync()
    await leader.set('users/c', 5)
    await losingAnswers(cluster, member)
    await leader.set('users/a', 6)
    lost.beforeWipe()
    leader.wipe()
    await other.tree.set('users/d', 7)
    await losingAnswers(cluster, other)
    expect(await member.read('users/c')).toBe(5)
    await member.sync()
    expect(await member.read('users/c')).toBeUndefined()
    await lost.look(member, (await member.storage.feed({ after: 0n as Position })).rows)
    expect([...lost.paths]).toEqual(['users/c'])
    for (let round = 0; round < 4; round++)
      for (const one of [member, other]) expect((await one.sync()).errors).toEqual([])
    for (const one of [member, other]) await expectLevel(cluster, one)
    expect(names(cluster)).toEqual(['a', 'd'])
  })

  it('is gone, as it was found: of a version that a newer one followed, which was lost before anybody saw it', async () => {
    const cluster = await underGo()
    const { leader, member, join } = cluster
    const other = await join('10.0.0.3:8080')
    const lost = new LostForGood(leader)
    const wipe = () => {
      lost.beforeWipe()
      leader.wipe()
    }
    await leader.set('users/c', 1)
    await other.sync()
    wipe()
    await leader.set('users/a', 2)
    for (const one of [member, other]) expect((await one.sync()).errors).toEqual([])
    expect(names(cluster)).toEqual(['a', 'c'])
    lost.afterStep()
    // Both had this of it; what comes now, neither has.
    wipe()
    await leader.set('users/c', 3)
    lost.afterStep()
    wipe()
    await member.tree.set('users/d', 4)
    for (const one of [member, other]) expect((await one.sync()).errors).toEqual([])
    expect(await other.read('users/c')).toBeUndefined()
    await lost.look(other, (await other.storage.feed({ after: 0n as Position })).rows)
    expect([...lost.paths]).toEqual(['users/c'])
    for (const one of [member, other]) expect((await one.sync()).errors).toEqual([])
    for (const one of [member, other]) await expectLevel(cluster, one)
    expect(names(cluster)).toEqual(['a', 'd'])
  })

  it('is not excused once that very version was there again', async () => {
    const { leader, member } = await underGo()
    const lost = new LostForGood(leader)
    await leader.set('users/c', 1)
    await member.sync()
    const [object] = leader.storage.list('users/*')
    lost.beforeWipe()
    leader.wipe()
    await leader.set('users/a', 2)
    await member.sync()
    expect(leader.storage.get('users/c')).toEqual(object)
    lost.afterStep()
    const { rows } = await member.storage.feed({ after: 0n as Position })
    await lost.look(
      member,
      rows.map((row) => ({ ...row, dataText: null })),
    )
    expect([...lost.paths]).toEqual([])
  })
})

describe('what comes to it late, while a member is cut off that does not hear of it', () => {
  it('K1: is there once that member looks again, and at once with one that heard of it', async () => {
    const cluster = await underGo()
    const { leader, member, join, net, time } = cluster
    const other = await join('10.0.0.3:8080')
    const missed = new MissedNotices(net)
    await other.tree.set('users/d', 1)
    await leader.set('users/a', 2)
    await member.sync()
    net.cut('10.0.0.2:8080')
    const activity = leader.activity('users/*')
    expect((await other.sync()).errors).toEqual([])
    expect(leader.activity('users/*')).toBe(activity)
    net.mend('10.0.0.2:8080')
    expect([missed.has('10.0.0.2:8080'), missed.has('10.0.0.3:8080')]).toEqual([true, false])
    await expectLevel(cluster, other)

    time.pass(lookAgain - 1)
    expect((await member.sync()).errors).toEqual([])
    expect(await behindActivity(cluster, member)).toEqual(['users/d'])
    time.pass(1)
    expect((await member.sync()).errors).toEqual([])
    for (const one of [member, other]) await expectLevel(cluster, one)
    expect(names(cluster)).toEqual(['a', 'd'])
    expect(missed.has('10.0.0.2:8080')).toBe(false)
  })

  it('K1: as it was found, with a node of the original and an answer that was lost', async () => {
    const cluster = await underGo()
    const { leader, member, join, net, time } = cluster
    const other = await join('10.0.0.3:8080')
    const own = '10.0.0.7:8080'
    const keys = ['users/*', 'settings']
    const node = new GoServer({ address: own, keys, net, leader: leaderAddress, now: time.next })
    leader.nodes = [...leader.nodes, own]
    await leader.set('users/a', 0)
    await member.tree.set('users/a', 1)
    await other.tree.set('users/d', 2)
    member.restart()
    for (const data of [3, 4]) await leader.set('users/a', data)
    await node.sync()
    await member.tree.set('settings', 5)
    member.restart()
    await node.sync()
    await losingAnswers(cluster, member)
    await node.sync()
    net.cut('10.0.0.2:8080')
    await other.sync()
    net.mend('10.0.0.2:8080')
    const level = async () => {
      for (let round = 0; round < 4; round++)
        for (const one of [member, other]) expect((await one.sync()).errors).toEqual([])
    }
    await level()
    expect(await behindActivity(cluster, member)).toEqual(['users/d'])
    time.pass(lookAgain)
    await level()
    for (const one of [member, other]) await expectLevel(cluster, one)
    expect(names(cluster)).toEqual(['a', 'd'])
  })
})

/** One sync of which no write is answered. */
async function losingAnswers({ net }: UnderGo, member: PivotMember): Promise<void> {
  net.losesAnswer = (line) => line.startsWith('POST')
  expect((await member.sync()).errors).not.toEqual([])
  net.losesAnswer = () => false
}

function names({ leader }: UnderGo): string[] {
  return leader.storage
    .list('users/*')
    .map(({ index }) => index)
    .toSorted()
}
