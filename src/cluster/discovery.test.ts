import { describe, expect, it } from 'vitest'
import { JsonText, openState } from '../state/index.ts'
import { Servers } from './fixtures/servers.ts'
import { NodeEntries } from './peers/node-entries.ts'

const addressesOf = async (texts: readonly string[]): Promise<readonly string[]> => {
  await using state = await openState()
  for (const [at, data] of texts.entries()) await state.set(`things/${at}`, new JsonText(data))
  const entries = new NodeEntries(() => {})
  await entries.follow(state, 'things/*')
  const { addresses } = entries
  entries.close()
  return addresses
}

describe('entries under nodesKey', () => {
  it.each([
    ['{"ip":"10.0.0.1","port":8080}', '10.0.0.1:8080'],
    ['{"IP":"10.0.0.1","Port":8080}', '10.0.0.1:8080'],
    ['{"ip":"10.0.0.1","Port":"8080"}', '10.0.0.1:8080'],
    ['{"ip":"host.example","port":80,"name":"x"}', 'host.example:80'],
    ['{"ip":"::1","port":80}', '[::1]:80'],
  ])('%s is a server', async (data, address) => {
    expect(await addressesOf([data])).toEqual([address])
  })

  it.each([
    '{"ip":"10.0.0.1"}',
    '{"ip":"10.0.0.1","port":0}',
    '{"ip":"10.0.0.1","port":"0"}',
    '{"ip":"10.0.0.1","port":-1}',
    '{"ip":"10.0.0.1","port":80.5}',
    '{"ip":"10.0.0.1","port":"http"}',
    '{"ip":"10.0.0.1","port":70000}',
    '{"ip":"10.0.0.1","port":18446744073709551617}',
    '{"ip":"","port":80}',
    '{"ip":"a/b","port":80}',
    '{"ip":7,"port":80}',
    '{"port":80}',
    '["10.0.0.1",80]',
    'null',
    '"10.0.0.1:80"',
  ])('%s is plain data', async (data) => {
    expect(await addressesOf([data])).toEqual([])
  })

  it('come and go', async () => {
    await using state = await openState()
    let changes = 0
    const entries = new NodeEntries(() => changes++)
    await entries.follow(state, 'things/*')
    await state.set('things/1', { ip: 'a', port: 1 })
    await state.set('things/2', { ip: 'a', port: 1 })
    expect(entries.addresses).toEqual(['a:1'])
    await state.set('things/2', { ip: 'b', port: '2' })
    expect(entries.addresses).toEqual(['a:1', 'b:2'])
    await state.delete('things/*')
    expect(entries.addresses).toEqual([])
    const heard = changes
    entries.close()
    await state.set('things/1', { ip: 'a', port: 1 })
    expect([changes, entries.addresses]).toEqual([heard, []])
  })
})

describe('a server', () => {
  it('finds others by what they announce, and those it is told of', async () => {
    await using servers = new Servers()
    const setup = { nodesKey: 'things/*', advertise: true }
    const leader = await servers.add('a:1', setup)
    await servers.add('b:1', { ...setup, leader: 'a:1' })
    const other = await servers.add('c:1', { ...setup, leader: 'a:1' })
    leader.cluster.addExtraNodeURL('d:1')
    expect(() => leader.cluster.addNode('http://d')).toThrow('without a scheme')
    await servers.until(async () => {
      const [{ peers }, { peers: others }] = [
        await leader.cluster.status(),
        await other.cluster.status(),
      ]
      return peers.map((one) => one.address).join() === 'b:1,c:1,d:1' && others.length === 2
    })
    await servers.until(async () => {
      const { peers } = await leader.cluster.status()
      return peers.map((one) => one.healthy).join() === 'true,true,false'
    })
    await servers.level()
    expect((await leader.state.list('things/*')).map(({ data }) => data)).toContainEqual({
      ip: 'c',
      port: 1,
      node: 'c-1',
    })
  })

  it('keeps its entry as it is where that is right, and writes it again when it is gone', async () => {
    await using servers = new Servers()
    const { state, stop, start } = await servers.add('a:1', {
      nodesKey: 'things/*',
      advertise: true,
    })
    const entries = () => state.list('things/*')
    await servers.until(async () => (await entries()).length === 1)
    const [entry] = await entries()
    await state.set(entry?.path as string, { ip: 'a', port: 1, name: 'mine', node: 'a-1' })
    const { updated } = (await entries())[0] ?? {}
    await stop()
    await start()
    await servers.pass(10_000)
    expect(await entries()).toMatchObject([{ updated, data: { name: 'mine' } }])
    await state.set(entry?.path as string, { ip: 'elsewhere', port: 2, name: 'mine' })
    await servers.until(async () => (await entries())[0]?.updated !== updated)
    await servers.until(
      async () => (await state.get<{ ip: string }>(entry?.path as string))?.data.ip === 'a',
    )
    await state.delete(entry?.path as string)
    await servers.until(async () => (await entries()).length === 1)
    expect((await entries())[0]?.data).toEqual({ ip: 'a', port: 1, node: 'a-1' })
  })

  it('that meets itself under another name knows that it is no peer', async () => {
    await using servers = new Servers()
    const { cluster } = await servers.add('a:1', {
      leader: 'alias:1',
      knowsAddress: false,
      syncOnStart: false,
    })
    servers.lines.plug('alias:1', cluster)
    expect(cluster.role).toBe('node')
    cluster.start()
    await servers.until(() => cluster.role === 'pivot')
    expect((await cluster.status()).peers).toEqual([])
  })

  it('that meets itself there leads until another one answers at that address', async () => {
    await using servers = new Servers()
    const a = await servers.add('a:1', { leader: 'moving:1' })
    const b = await servers.add('b:1', { leader: 'moving:1' })
    const roles = () => [a, b].map(({ cluster }) => cluster.role).join()
    servers.lines.plug('moving:1', a.cluster)
    await servers.until(() => roles() === 'pivot,node')
    await b.state.set('users/b', 1)
    await servers.level()
    servers.lines.plug('moving:1', undefined)
    await servers.pass(10_000)
    expect(roles()).toBe('pivot,node')
    await a.state.set('users/a', 'passed on by who led before')
    servers.lines.plug('moving:1', b.cluster)
    await servers.until(() => roles() === 'node,pivot')
    await servers.level()
    expect((await b.state.get('users/a'))?.data).toBe('passed on by who led before')
    servers.lines.plug('moving:1', a.cluster)
    await servers.until(() => roles() === 'pivot,node')
    await servers.level()
  })
})
