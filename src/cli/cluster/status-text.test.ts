import { describe, expect, it } from 'vitest'
import { styleFor } from '../terminal/style.ts'
import { localTime, timeOfDay } from '../terminal/time-text.ts'
import { statusText } from './status-text.ts'
import type { ToldKey, ToldPeer, ToldStatus } from './told-status.ts'
import { troublesOf } from './troubles.ts'

const time = Date.UTC(2026, 2, 1, 12)
const key = (path: string, more: Partial<ToldKey> = {}): ToldKey => ({
  ...{ path, storage: 'main', role: 'member', leader: 'a:1', term: '0', asOf: time - 200 },
  ...{ leaderReachable: true, pendingWrites: 0 },
  ...more,
})
const peer = (more: Partial<ToldPeer> = {}): ToldPeer => ({
  ...{ address: 'a:1', kind: 'native', healthy: true, lastCheck: time - 1_500, links: [] },
  ...more,
})
const status = (more: Partial<ToldStatus> = {}): ToldStatus => ({
  ...{ node: 'n', address: 'b:2', role: 'node', time, keys: [], peers: [] },
  ...more,
})
const link = {
  ...{ keys: ['users/*'], reasons: ['leader'], phase: 'live', doing: 'follows', parked: [] },
  unsent: { count: 0, more: false },
}
const blocked = { cause: 'unreachable', message: 'nobody there', since: time - 9_000 }
const term = time - 86_400_000

const troubled = status({
  role: 'mixed',
  keys: [
    key('users/*', {
      ...{ asOf: time - 8_000, leaderReachable: false, pendingWrites: 3 },
      proof: { at: time - 20_000, agrees: true, defects: 2 },
    }),
    key('settings', {
      ...{ role: 'leader', leader: 'b:2', term: `${term}000000`, configured: 'a:1' },
    }),
  ],
  peers: [
    peer({
      ...{ healthy: false, lag: 5, clockOffset: -7_000, error: { code: 'network', message: 'no' } },
      links: [
        {
          ...{ ...link, phase: 'waiting', unsent: { count: 3, more: true } },
          blocked: { ...blocked, nextAttempt: time + 2_000 },
        },
      ],
    }),
    peer({
      ...{ address: 'c:3', lag: 106, clockOffset: 3 },
      links: [{ ...link, reasons: ['member'] }],
    }),
  ],
})

describe('the status of a cluster', () => {
  it('is a table of keys, one of servers, and before them what is not well', () => {
    const text = statusText(troubled, { style: styleFor({}, {}), columns: undefined })
    expect(text.split('\n')).toEqual([
      'n at b:2 leads some of its keys and follows in others: 1 trouble',
      '  a:1, which leads users/*, is away: no',
      '',
      'KEY       ROLE    LEADER  TERM                 PENDING  AS OF      PROOF',
      'users/*   member  a:1     configured           3        8.0 s ago  same 20.0 s ago, 2 repaired',
      `settings  leader  b:2     ${localTime(term)}  0        now        -`,
      '  the configuration says a:1',
      '',
      'SERVER  KIND    HEALTH  CHECKED    LAG     CLOCK',
      'a:1     rejoin  away    1.5 s ago  -       -7.0 s',
      `  waiting: unreachable since ${timeOfDay(time - 9_000)}, at least 3 writes unsent, next attempt in 2.0 s: nobody there`,
      'c:3     rejoin  there   1.5 s ago  106 ms  +3 ms',
      '  in place of the leader, live: follows; nothing is unsent',
      '',
    ])
  })

  it('is as wide as the terminal at most', () => {
    for (const columns of [30, 50, 80])
      for (const line of statusText(troubled, { style: styleFor({}, {}), columns }).split('\n'))
        expect(line.length).toBeLessThanOrEqual(columns)
  })

  it('shows a former leader that nobody lists any more as retired, which is no trouble', () => {
    const gone = peer({ healthy: false, retired: true, error: { code: 'network', message: 'no' } })
    const text = statusText(status({ peers: [gone] }), {
      ...{ style: styleFor({}, {}), columns: undefined },
    })
    expect(text).toMatch(/: ok\n/)
    expect(text).toMatch(/^a:1 +rejoin +retired +1\.5 s ago/m)
  })

  it('shows who is of another cluster, and who has no name for its own', () => {
    const foreign = peer({ kind: 'foreign', healthy: false, cluster: 'two' })
    const told = status({
      cluster: 'one',
      keys: [key('users/*', { leaderReachable: false })],
      peers: [foreign, peer({ address: 'c:3' }), peer({ address: 'd:4', cluster: 'one' })],
    })
    const text = statusText(told, { style: styleFor({}, {}), columns: undefined })
    const [heading, trouble] = text.split('\n')
    expect(heading).toBe('n at b:2 of the cluster "one" follows in all its keys: 1 trouble')
    expect(trouble).toBe(
      '  a:1, which leads users/*, is of another cluster, "two": nothing is exchanged with it',
    )
    expect(text).toMatch(/^a:1 +rejoin +refused .*\n {2}of another cluster, "two"$/m)
    expect(text).toMatch(/^c:3 +rejoin +there .*\n {2}its cluster has no name\nd:4 .*\n$/m)
    const unnamed = status({ peers: [peer({ address: 'c:3' })] })
    expect(statusText(unnamed, { style: styleFor({}, {}), columns: undefined })).not.toMatch(/name/)
  })

  it('says so where nothing is known', () => {
    const { address: _, ...unnamed } = status({
      role: 'pivot',
      keys: [key('a', { role: 'leader', leader: undefined as never })],
    })
    const text = statusText(unnamed, { style: styleFor({}, {}), columns: undefined })
    expect(text).toMatch(/^n leads all its keys: ok\n/)
    expect(text).toMatch(/^a +leader +this server +configured +0 +now +-$/m)
    expect(text).toMatch(/no other servers are known here\n$/)
  })

  it('tells what was forgotten of a key, and how much of it was never sent', () => {
    const forgotten = { at: time, from: 'z:1', objects: 1, tombstones: 2, unsent: 1_000 }
    const text = statusText(status({ keys: [key('a', { forgotten })] }), {
      ...{ style: styleFor({}, {}), columns: undefined },
    })
    expect(text).toMatch(
      /^ +begun anew .+, when it was followed from z:1: 1 object and 2 deletes forgotten, 1,000 unsent$/m,
    )
  })
})

describe('troubles', () => {
  it.each<[string, Partial<ToldStatus>, string]>([
    ['a server is away', { peers: [peer({ healthy: false })] }, 'a:1 is away'],
    [
      'a server that wants another token',
      { peers: [peer({ healthy: false, error: { code: 'unauthorized', message: '401' } })] },
      'a:1 wants another token than this server shows (rejoin serve --token)',
    ],
    [
      'another protocol',
      { peers: [peer({ kind: 'incompatible', protocol: '3.0' })] },
      'a:1 speaks protocol 3.0, not 2.0',
    ],
    [
      'a clock that is off',
      { peers: [peer({ clockTrouble: 'behind', clockOffset: -90_000 })] },
      'the clock of a:1 is 1 min 30 s behind',
    ],
    [
      'a blocked link',
      { peers: [peer({ links: [{ ...link, blocked: { ...blocked, cause: 'forbidden' } }] })] },
      'the link with a:1 is blocked (forbidden): nobody there',
    ],
    ['a problem of the server itself', { problems: ['it is no good'] }, 'it is no good'],
    ['a problem', { keys: [key('k', { problem: 'not shared' })] }, 'k: not shared'],
    [
      'a difference',
      { keys: [key('k', { proof: { at: time, agrees: false, defects: 1 } })] },
      'k differs from what its leader holds',
    ],
    [
      'a leader that was never reached',
      { keys: [key('k', { leaderReachable: false })] },
      'the leader of k, a:1, was not reached yet',
    ],
  ])('are told of %s', (_, more, trouble) => {
    expect(troublesOf(status(more))).toEqual([trouble])
  })

  it('are told of leaders first, whatever the others are called', () => {
    const away = ['a:1', 'b:1', 'c:1'].map((address) => peer({ address, healthy: false }))
    const told = status({ keys: [key('k', { leader: 'b:1' })], peers: away })
    expect(troublesOf(told)).toEqual(['b:1, which leads k, is away', 'a:1 is away', 'c:1 is away'])
  })

  it('are none where all is well, and none that writes wait for the next sync', () => {
    const waits = { ...blocked, cause: 'interval' }
    const peers = [peer({ links: [{ ...link, blocked: waits }] }), peer({ address: 'c:3' })]
    expect(troublesOf(status({ keys: [key('k', { pendingWrites: 4 })], peers }))).toEqual([])
  })
})
