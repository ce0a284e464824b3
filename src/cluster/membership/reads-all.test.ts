import { expect, it } from 'vitest'
import type { Origin } from '../../event/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { MemoryStateStorage } from '../../store/memory/index.ts'
import { patternFilter } from '../../store/state/index.ts'
import { type Cursor, start } from '../../version/index.ts'
import { type Server, Servers } from '../fixtures/servers.ts'
import { sharedReplica } from '../http/shared-replica.ts'

const all = filterOf('users/*', 'settings')
const part = filterOf('settings')
const reader = 'b~0123456789abcdef' as Origin
const second = 1_000

it('K1: a tombstone waits for a reader that is shown a part only, however far it has come', async () => {
  await using servers = new Servers()
  const leader = await servers.add('a:1')
  await leader.state.set('users/1', 1)
  await greeted(leader, all)
  await leader.state.delete('users/1')
  await servers.pass(10 * second)
  // From here on it follows somebody else for users/*, and has not seen the delete.
  await greeted(leader, part)
  expect(await dropped(leader)).toBe(0)
  await greeted(leader, all)
  expect(await dropped(leader)).toBe(1)
})

it('S5: and not for what it does not share', async () => {
  await using servers = new Servers()
  const leader = await servers.add('a:1', { nodes: ['b:1'] })
  const member = await servers.add('b:1', { leader: 'a:1', keys: [{ path: 'settings' }] })
  const { origin } = await member.state.replica().identity()
  const reads = (filter: typeof all) => leader.cluster.readsAll('main', origin, filter.fingerprint)
  await servers.until(async () => (await leader.cluster.status()).peers[0]?.healthy === true)
  expect([reads(part), reads(all)]).toEqual([true, false])
  expect(leader.cluster.readsAll('other', origin, part.fingerprint)).toBe(false)
})

it('S5: and each storage of a member is waited for by itself', async () => {
  await using servers = new Servers()
  const leader = await servers.add('a:1', { nodes: ['b:1'] })
  await using people = await MemoryStateStorage.open()
  const member = await servers.add('b:1', {
    leader: 'a:1',
    keys: [{ path: 'settings' }, { path: 'users/*', storage: 'people' }],
    storages: { people },
  })
  const { origin } = await member.state.replica().identity()
  const reads = (filter: typeof all) => leader.cluster.readsAll('main', origin, filter.fingerprint)
  await servers.until(async () => (await leader.cluster.status()).peers[0]?.healthy === true)
  expect([reads(part), reads(all)]).toEqual([true, false])
})

/** The reader has read all that it is shown, and says so. */
async function greeted({ state, cluster }: Server, filter: typeof all): Promise<void> {
  const shared = sharedReplica(state.replica(), 'main', cluster)
  const page = await shared.changes(start, { filter, count: 100, bytes: 10_000 })
  const pulled = page.kind === 'page' ? page.cursor : start
  const { origin } = await shared.identity()
  const known = { received: '' as Cursor, pulled, sequence: 0n, ids: [] }
  expect(await shared.confirm(reader, origin, known)).toBe('agreed')
}

async function dropped({ state }: Server): Promise<number> {
  return (await state.replica().sweep({ minimumAge: second, horizon: 3_600 * second })).dropped
}

function filterOf(...patterns: readonly string[]) {
  return patternFilter([...patterns, 'cluster/*'], systemRuntime)
}
