import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { property } from '../../../test/property.ts'
import { type ClusterView, desiredLinks, type KeyView, type PeerView } from './desired-links.ts'

interface Row {
  readonly case: string
  readonly address?: string
  readonly keys: readonly KeyView[]
  readonly peers: readonly PeerView[]
  /** Address, keys and reasons of each link. */
  readonly links: readonly string[]
}

const key = (path: string, leader?: string, isDecided = false): KeyView => ({
  path,
  storage: 'main',
  isDecided,
  ...(leader !== undefined && { leader }),
})

/** `saying`: who leads each key in its eyes; a `!` before: it reaches that leader. */
const native = (address: string, saying: Record<string, string>, isThere = true): PeerView => ({
  address,
  kind: 'native',
  isThere,
  isAway: !isThere,
  keys: Object.entries(saying).map(([path, said]) => ({
    path,
    storage: 'main',
    reachesLeader: said.startsWith('!'),
    leader: said.replace('!', ''),
  })),
})

const other = (address: string, kind: PeerView['kind'], isThere = true): PeerView => ({
  address,
  kind,
  isThere,
  isAway: !isThere,
  keys: [],
})

const rows: readonly Row[] = [
  {
    case: 'a leader links with nobody',
    address: 'a:1',
    keys: [key('users/*')],
    peers: [native('b:1', { 'users/*': '!a:1' }), other('c:1', 'pivot')],
    links: [],
  },
  {
    case: 'a member links with its leader, and with nobody else',
    address: 'b:1',
    keys: [key('users/*', 'a:1'), key('settings', 'a:1')],
    peers: [
      native('a:1', { 'users/*': '!a:1', settings: '!a:1' }),
      native('c:1', { 'users/*': '!a:1', settings: '!a:1' }),
    ],
    links: ['a:1 settings,users/* leader'],
  },
  {
    case: 'a link to a leader that is away stays, and members are linked with',
    address: 'b:1',
    keys: [key('users/*', 'a:1')],
    peers: [
      native('a:1', { 'users/*': '!a:1' }, false),
      native('c:1', { 'users/*': 'a:1' }),
      native('d:1', { 'users/*': 'a:1' }, false),
    ],
    links: ['a:1 users/* leader', 'c:1 users/* member'],
  },
  {
    case: 'of two members the one with the higher address dials only who can’t',
    address: 'd:1',
    keys: [key('users/*', 'a:1')],
    peers: [
      native('a:1', { 'users/*': '!a:1' }, false),
      { ...native('b:1', { 'users/*': 'a:1' }), reaches: ['a:1', 'c:1', 'd:1'] },
      { ...native('c:1', { 'users/*': 'a:1' }), reaches: ['a:1', 'b:1'] },
    ],
    links: ['a:1 users/* leader', 'c:1 users/* member'],
  },
  {
    case: 'members wait a moment before they help themselves',
    address: 'b:1',
    keys: [key('users/*', 'a:1')],
    peers: [
      { ...native('a:1', { 'users/*': '!a:1' }, false), isAway: false },
      native('c:1', { 'users/*': 'a:1' }),
    ],
    links: ['a:1 users/* leader'],
  },
  {
    case: 'of two members the one with the lower address dials',
    address: 'c:1',
    keys: [key('users/*', 'a:1')],
    peers: [native('a:1', { 'users/*': '!a:1' }, false), native('b:1', { 'users/*': 'a:1' })],
    links: ['a:1 users/* leader'],
  },
  {
    case: 'a member whose leader is away dials one that reaches it, and therefore does not dial',
    address: 'c:1',
    keys: [key('users/*', 'a:1')],
    peers: [native('a:1', { 'users/*': '!a:1' }, false), native('b:1', { 'users/*': '!a:1' })],
    links: ['a:1 users/* leader', 'b:1 users/* member'],
  },
  {
    case: 'one that knows no address of its own dials all',
    keys: [key('users/*', 'a:1')],
    peers: [native('a:1', { 'users/*': '!a:1' }, false), native('b:1', { 'users/*': 'a:1' })],
    links: ['a:1 users/* leader', 'b:1 users/* member'],
  },
  {
    case: 'a leader that has never answered is waited for, and members are linked with meanwhile',
    address: 'b:1',
    keys: [key('users/*', 'a:1')],
    peers: [other('a:1', 'unknown', false), native('c:1', { 'users/*': 'a:1' })],
    links: ['c:1 users/* member'],
  },
  {
    case: 'servers of the original and of another protocol are no members to link with',
    address: 'b:1',
    keys: [key('users/*', 'a:1')],
    peers: [
      native('a:1', { 'users/*': '!a:1' }, false),
      other('c:1', 'pivot'),
      other('d:1', 'incompatible'),
    ],
    links: ['a:1 users/* leader'],
  },
  {
    case: 'a server of the original may lead',
    address: 'b:1',
    keys: [key('users/*', 'a:1')],
    peers: [other('a:1', 'pivot')],
    links: ['a:1 users/* leader'],
  },
  {
    case: 'a leader of another protocol is left alone',
    address: 'b:1',
    keys: [key('users/*', 'a:1')],
    peers: [other('a:1', 'incompatible')],
    links: [],
  },
  {
    case: 'a leader is asked for no key that it does not share',
    address: 'b:1',
    keys: [key('users/*', 'a:1'), key('logs/*', 'a:1')],
    peers: [native('a:1', { 'users/*': '!a:1' })],
    links: ['a:1 users/* leader'],
  },
  {
    case: 'each key goes to its own leader, and what is led here to nobody',
    address: 'b:1',
    keys: [key('users/*', 'a:1'), key('logs/*', 'c:1'), key('cache/*')],
    peers: [
      native('a:1', { 'users/*': '!a:1', 'cache/*': 'a:1' }),
      native('c:1', { 'logs/*': '!c:1' }),
    ],
    links: ['a:1 users/* leader', 'c:1 logs/* leader'],
  },
  {
    case: 'a promoted server links with whoever takes another one for the leader',
    address: 'b:1',
    keys: [key('users/*', undefined, true)],
    peers: [
      native('a:1', { 'users/*': '!a:1' }, false),
      native('c:1', { 'users/*': 'a:1' }),
      native('d:1', { 'users/*': '!b:1' }),
    ],
    links: ['a:1 users/* leadership', 'c:1 users/* leadership'],
  },
  {
    case: 'a member tells others of a decision as well',
    address: 'd:1',
    keys: [key('users/*', 'b:1', true)],
    peers: [native('a:1', { 'users/*': '!a:1' }), native('b:1', { 'users/*': '!b:1' })],
    links: ['a:1 users/* leadership', 'b:1 users/* leader'],
  },
  {
    case: 'a key that a peer keeps to itself is another one, unless it is followed',
    address: 'b:1',
    keys: [key('users/*', undefined, true), key('logs/*', 'd:1')],
    peers: [
      {
        ...native('c:1', {}),
        keys: ['users/*', 'logs/*'].map((path) => ({ path, storage: 'main', local: true })),
      },
      { ...native('d:1', {}), keys: [{ path: 'logs/*', storage: 'main', local: true }] },
    ],
    links: ['d:1 logs/* leader'],
  },
  {
    case: 'keys of one storage share a link, whatever it is for',
    address: 'b:1',
    keys: [key('users/*', 'c:1'), key('logs/*', undefined, true)],
    peers: [native('c:1', { 'users/*': '!c:1', 'logs/*': '!c:1' })],
    links: ['c:1 logs/*,users/* leader,leadership'],
  },
]

describe('with whom a server is linked', () => {
  it.each(rows)('$case', ({ links, case: _, ...view }) => {
    const found = desiredLinks(view).map(
      ({ address, keys, reasons }) => `${address} ${keys.join()} ${reasons.join()}`,
    )
    expect(found).toEqual(links)
  })

  it('keeps storages apart, by their names on both sides', () => {
    const view: ClusterView = {
      address: 'b:1',
      keys: [key('users/*', 'a:1'), { ...key('logs/*', 'a:1'), storage: 'audit' }],
      peers: [
        {
          ...native('a:1', {}),
          keys: [
            { path: 'users/*', storage: 'main' },
            { path: 'logs/*', storage: 'journal' },
          ],
        },
      ],
    }
    expect(desiredLinks(view).map(({ storage, there, keys }) => [storage, there, keys])).toEqual([
      ['audit', 'journal', ['logs/*']],
      ['main', 'main', ['users/*']],
    ])
  })

  it('connects all members that reach each other while their leader is away from some of them', () =>
    property(
      fc.record({
        members: fc.integer({ min: 2, max: 6 }),
        reaching: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
        named: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
      }),
      async ({ members, reaching, named }) => {
        const addresses = Array.from({ length: members }, (_, at) => `m${at}:1`)
        const dials = new Set<string>()
        for (const [at, address] of addresses.entries()) {
          const peers = addresses
            .filter((one) => one !== address)
            .map((one) =>
              native(one, { 'users/*': reaching[addresses.indexOf(one)] ? '!a:1' : 'a:1' }),
            )
          const view: ClusterView = {
            ...(named[at] && { address }),
            keys: [key('users/*', 'a:1')],
            peers: [native('a:1', { 'users/*': '!a:1' }, reaching[at]), ...peers],
          }
          for (const link of desiredLinks(view))
            if (link.address !== 'a:1') dials.add([address, link.address].toSorted().join())
        }
        for (const [at, one] of addresses.entries())
          for (const [to, another] of addresses.entries())
            if (at < to && !(reaching[at] && reaching[to]))
              expect(dials).toContain([one, another].toSorted().join())
      },
    ))

  it('is the same whatever the order of what is known', () =>
    property(fc.integer({ min: 0, max: 16 }), async (at) => {
      const { links: _, case: __, ...view } = rows[at] as Row
      const turned = { ...view, keys: view.keys.toReversed(), peers: view.peers.toReversed() }
      expect(desiredLinks(turned)).toEqual(desiredLinks(view))
    }))
})
