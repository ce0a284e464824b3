import { expect, it } from 'vitest'
import type { Cursor } from '../../version/index.ts'
import type { RejoinAbout } from '../peer-network.ts'
import { aboutBody, aboutFrom } from './about-wire.ts'

const rejoin: RejoinAbout = {
  ...{ version: 1, node: 'hub', instance: '00aa', address: 'hub:8080', time: 1_777_636_800_000 },
  keys: [{ path: 'users/*', storage: 'main', leader: 'hub:8080', reachesLeader: true }],
  ends: { main: 'Dg9a3UxOrIlCf8Z2.2.' as Cursor },
}

it('what a server says of itself comes as it was said, with or without where its feeds end', () => {
  const { ends: _, ...former } = rejoin
  for (const said of [rejoin, former]) {
    const about = { protocol: '2.0', compatible: true, rejoin: said }
    const sent = JSON.parse(JSON.stringify(aboutBody(about)))
    expect(aboutFrom('2.0', sent)).toEqual(about)
  }
})

it('a server says of which cluster it is', () => {
  const about = { protocol: '2.0', compatible: true, rejoin: { ...rejoin, cluster: 'a fleet' } }
  expect(aboutFrom('2.0', JSON.parse(JSON.stringify(aboutBody(about))))).toEqual(about)
  for (const cluster of ['', ' fleet', 'flotte ü', 5])
    expect(aboutFrom('2.0', { rejoin: { ...rejoin, cluster } }).rejoin).toBeUndefined()
})

it('what says its ends in another form is taken for a server of the original', () => {
  for (const ends of [['x'], { main: 5 }, { main: 'x'.repeat(256) }, null])
    expect(aboutFrom('2.0', { rejoin: { ...rejoin, ends } }).rejoin).toBeUndefined()
})
