import fc from 'fast-check'
import { expect, it } from 'vitest'
import { property } from '../../../test/property.ts'
import { compareChanges, type StateRow, type StateStorage, timeOf } from '../../contracts/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import type { Position } from '../../version/index.ts'
import { expectLevel, leaderAddress, underGo } from './fixtures/go-cluster.ts'
import { GoServer } from './fixtures/go-server.ts'
import { LostForGood } from './fixtures/lost-for-good.ts'
import { behindActivity, lookAgain, MissedNotices } from './fixtures/missed-notices.ts'
import type { PivotMember } from './fixtures/pivot-member.ts'
import { underUs } from './fixtures/under-us.ts'

const keys = ['users/*', 'settings']
const path = fc.constantFrom('users/a', 'users/b', 'users/c', 'users/d', 'settings')
const who = fc.nat(1)

/** Follows a feed: of each path, whatever comes later has to stand over what was there. */
class Watcher {
  readonly #storage: StateStorage
  readonly #last = new Map<string, StateRow>()
  #after = 0n as Position

  constructor(storage: StateStorage) {
    this.#storage = storage
  }

  /** Answers with what has come since it looked last. */
  async look(): Promise<readonly StateRow[]> {
    const { rows, next } = await this.#storage.feed({ after: this.#after })
    for (const row of rows) {
      const before = this.#last.get(row.path)
      if (before !== undefined)
        expect(compareChanges(row, before, systemRuntime)).toBeGreaterThan(0)
      this.#last.set(row.path, row)
    }
    this.#after = next
    return rows
  }
}

const underUsStep = fc.oneof(
  fc.record({ kind: fc.constantFrom('set', 'delete'), path }),
  fc.record({ kind: fc.constantFrom('node set', 'node delete'), path, who }),
  fc.record({
    kind: fc.constantFrom('cut', 'mend', 'mend', 'sync', 'sync', 'pull', 'settle'),
    who,
  }),
)

it('T1, K1: our leader loses nothing to nodes of the original, and keeps the newest of everything', () =>
  property(
    fc.array(underUsStep, { minLength: 20, maxLength: 60 }),
    async (steps) => {
      await using cluster = await underUs(2, keys)
      const { leader, nodes, net, settled } = cluster
      const watcher = new Watcher(leader.tree.replica())
      const written = new Map<string, bigint>()
      const deleted = new Set<string>()
      let data = 0
      for (const step of steps) {
        const path = 'path' in step ? step.path : ''
        const node = nodes['who' in step ? step.who : 0] as GoServer
        switch (step.kind) {
          case 'set': {
            const { object } = await leader.tree.set(path, data++)
            written.set(path, timeOf(object ?? { created: 0n, updated: 0n }))
            break
          }
          case 'delete':
            deleted.add(path)
            await leader.tree.delete(path)
            break
          case 'node set':
            await node.set(path, data++)
            break
          case 'node delete':
            deleted.add(path)
            await node.del(path)
            break
          case 'cut':
            net.cut(node.address)
            break
          case 'mend':
            net.mend(node.address)
            break
          case 'sync':
            await node.sync()
            break
          case 'pull':
            await node.pull()
            break
          default:
            await settled()
        }
        await watcher.look()
      }
      await settled()
      await watcher.look()
      for (const [path, time] of written) {
        const { found } = await leader.tree.replica().rows([path])
        const row = found[0]?.row as StateRow
        expect(timeOf(row)).toBeGreaterThanOrEqual(time)
        if (!deleted.has(path)) expect(row.dataText).not.toBeNull()
      }
    },
    40,
  ))

const member = fc.record({
  kind: fc.constantFrom('set', 'set', 'sync', 'lost answer', 'cut', 'mend'),
  path,
  who,
})
const restart = fc.record({ kind: fc.constant('restart'), path, who })
const others = fc.record({
  kind: fc.constantFrom('leader set', 'node set', 'node pull'),
  path,
  who,
})
const deletes = fc.record({
  kind: fc.constantFrom('delete', 'leader delete', 'node delete'),
  path,
  who,
})
const wipe = fc.record({ kind: fc.constant('wipe'), path, who })
const fullSync = fc.record({ kind: fc.constant('node sync'), path, who })

/**
 * One of the three at a time: where they come together, 2.0 gives nobody a way to tell them apart. Nor can anybody who
 * is killed while giving back what a wiped leader has lost.
 */
const history = fc.oneof(
  ...[fc.oneof(deletes, restart), wipe, fc.oneof(fullSync, restart)].map((trouble) =>
    fc.array(fc.oneof(member, member, others, trouble), { minLength: 15, maxLength: 50 }),
  ),
)

it('K1, T1: two members of ours under a leader of the original lose nothing that nobody deleted', async () => {
  const losses: string[] = []
  let behind = 0
  let histories = 0
  await property(
    history,
    async (steps) => {
      const cluster = await underGo(keys)
      const { leader, net, time, join } = cluster
      const members = [cluster.member, await join('10.0.0.3:8080')] as const
      const addresses = ['10.0.0.2:8080', '10.0.0.3:8080'] as const
      const own = '10.0.0.7:8080'
      const node = new GoServer({ address: own, keys, net, leader: leaderAddress, now: time.next })
      leader.nodes = [...leader.nodes, own]
      const lost = new LostForGood(leader)
      const missed = new MissedNotices(net)
      const watchers = members.map(({ storage }) => new Watcher(storage))
      const written = new Map<string, { by: PivotMember; time: bigint }>()
      const deleted = new Set<string>()
      let data = 0
      const on: Record<string, (path: string, who: 0 | 1) => unknown> = {
        set: async (path, who) => {
          const { object } = await members[who].tree.set(path, data++)
          const time = timeOf(object ?? { created: 0n, updated: 0n })
          written.set(path, { by: members[who], time })
          lost.wrote(members[who], path, time)
        },
        delete: (path, who) => {
          deleted.add(path)
          return members[who].tree.delete(path)
        },
        sync: (_path, who) => members[who].sync(),
        restart: (_path, who) => members[who].restart(),
        'lost answer': async (_path, who) => {
          net.losesAnswer = (line) => line.startsWith('POST')
          await members[who].sync()
          net.losesAnswer = () => false
        },
        cut: (_path, who) => net.cut(addresses[who]),
        mend: (_path, who) => net.mend(addresses[who]),
        'leader set': (path) => leader.set(path, data++),
        'leader delete': (path) => {
          deleted.add(path)
          return leader.del(path)
        },
        'node set': (path) => node.set(path, data++),
        'node delete': (path) => {
          deleted.add(path)
          return node.del(path)
        },
        'node pull': () => node.pull(),
        'node sync': () => node.sync(),
        wipe: () => {
          lost.beforeWipe()
          leader.wipe()
        },
      }
      const look = async () => {
        for (const [at, watcher] of watchers.entries())
          await lost.look(members[at] as PivotMember, await watcher.look())
        lost.afterStep()
      }
      for (const { kind, path, who } of steps) {
        await on[kind]?.(path, who as 0 | 1)
        await leader.settled()
        await look()
      }
      for (const address of addresses) net.mend(address)
      const level = async () => {
        for (let round = 0; round < 4; round++)
          for (const one of members) {
            expect((await one.sync()).errors).toEqual([])
            await look()
          }
      }
      await level()
      for (const [at, one] of members.entries())
        if (missed.has(addresses[at] as string))
          behind += (await behindActivity(cluster, one)).length > 0 ? 1 : 0
        else await expectLevel(cluster, one)
      time.pass(lookAgain)
      await level()
      for (const one of members) await expectLevel(cluster, one)
      for (const [path, { by, time }] of written) {
        const { found } = await by.storage.rows([path])
        const row = found[0]?.row as StateRow
        expect(timeOf(row)).toBeGreaterThanOrEqual(time)
        if (row.dataText !== null || deleted.has(path)) continue
        // Else only as a page says that it can't be saved, and that exactly.
        expect([...lost.paths], path).toContain(path)
        losses.push(path)
      }
      histories++
    },
    30,
  )
  // One in some thousand histories: more of them are a fault, however well they are explained.
  expect(losses.length).toBeLessThanOrEqual(2 + histories / 100)
  expect(behind).toBeLessThanOrEqual(2 + histories / 100)
})
