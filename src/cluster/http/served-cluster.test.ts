import { expect, it } from 'vitest'
import { stateServer } from '../../state/index.ts'
import { refusing } from '../fixtures/refusing.ts'
import { Servers } from '../fixtures/servers.ts'
import { servedCluster } from './served-cluster.ts'

const page = { origin: 'https://app.example.org' }

it('a page from elsewhere may read every header that tells how fresh an answer is, and no other page', async () => {
  await using servers = new Servers()
  const leader = await servers.add('a:1', { storage: refusing })
  const member = await servers.add('b:1', { leader: 'a:1' })
  await leader.state.set('users/1', 'good')
  await servers.level()
  await servers.until(async () => (await member.cluster.freshness('users/1')).asOf !== undefined)
  await member.state.set('users/2', 'bad')
  await servers.until(async () => (await member.cluster.freshness('users/*')).refused !== undefined)
  const cluster = servedCluster(member.cluster)
  await using served = stateServer(member.state, { cluster, cors: { origins: [page.origin] } })
  const answers = await Promise.all(
    ['/users/1', '/users/2', '/users/*', '/users/none', '/settings'].map((path) =>
      served.handle(new Request(`http://localhost${path}`, { headers: page })),
    ),
  )
  const told = new Set(answers.flatMap(({ headers }) => [...headers.keys()].filter(isOurs)))
  expect(told.size).toBeGreaterThan(0)
  for (const { headers } of answers) {
    const exposed = headers.get('access-control-expose-headers')?.split(', ') ?? []
    expect(exposed.filter(isOurs).toSorted()).toEqual([...told].toSorted())
    expect(exposed).toContain('retry-after')
  }
  const other = { origin: 'https://elsewhere.example.org' }
  const { headers } = await served.handle(
    new Request('http://localhost/users/1', { headers: other }),
  )
  expect(headers.has('access-control-expose-headers')).toBe(false)
})

function isOurs(name: string): boolean {
  return name.startsWith('rejoin-')
}
