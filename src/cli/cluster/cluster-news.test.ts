import { expect, it } from 'vitest'
import type { ClusterStatus, KeyStatus, PeerStatus } from '../../cluster/index.ts'
import { RejoinError } from '../../errors/index.ts'
import { clusterNews } from './cluster-news.ts'

const key = (path: string, leader?: string, more: Partial<KeyStatus> = {}): KeyStatus => ({
  ...{ path, storage: 'main', term: 0n, leaderReachable: true, pendingWrites: 0 },
  ...(leader === undefined ? { role: 'leader' } : { role: 'member', leader }),
  ...more,
})
const peer = (more: Partial<PeerStatus> = {}): PeerStatus => ({
  ...{ address: 'b:1', kind: 'native', healthy: true, links: [] },
  ...more,
})
const status = (keys: readonly KeyStatus[], peers: readonly PeerStatus[] = []): ClusterStatus => ({
  ...{ node: 'n', role: 'mixed', problems: [], keys, peers },
  pivot: { stored: 0, unchanged: 0, ignoredDeletes: 0, refused: 0 },
})
const lines = (before: ClusterStatus | undefined, now: ClusterStatus) =>
  clusterNews(before, now).map(({ level, message, fields }) => [level, message, fields])

it('who leads what is told at first, a line for each leader, and then when it changes', () => {
  const first = status([key('a'), key('b', 'b:1'), key('c', 'b:1')])
  expect(lines(undefined, first)).toEqual([
    ['info', 'this server leads', { keys: 'a' }],
    ['info', 'this server follows', { leader: 'b:1', keys: 'b, c' }],
  ])
  expect(lines(first, first)).toEqual([])
  expect(lines(first, status([key('a'), key('b'), key('c', 'b:1')]))).toEqual([
    ['info', 'this server leads', { keys: 'b' }],
  ])
})

it('a server that comes and goes is a line each time, however often it was looked at', () => {
  const error = new RejoinError('network', 'nothing listens there', {
    ...{ operation: 'about', component: 'test' },
  })
  const there = status([], [peer({ lastCheck: 1 })])
  const away = status([], [peer({ healthy: false, error, lastCheck: 2 })])
  const { healthy: _, ...unasked } = peer({ kind: 'unknown' })
  expect(lines(undefined, status([], [unasked]))).toEqual([])
  const isThere = ['info', 'a server is there', { peer: 'b:1', kind: 'native' }]
  expect(lines(status([], [unasked]), there)).toEqual([isThere])
  expect(lines(there, status([], [peer({ lastCheck: 2 })]))).toEqual([])
  expect(lines(there, away)).toEqual([['warn', 'a server is away', { peer: 'b:1', error }]])
  expect(lines(away, status([], [peer({ healthy: false, error, lastCheck: 3 })]))).toEqual([])
  expect(lines(away, there)).toEqual([isThere])
  const foreign = status([], [peer({ kind: 'foreign', healthy: false, cluster: 'two', error })])
  expect(lines(there, foreign)).toEqual([])
  expect(lines(foreign, there)).toEqual([isThere])
  const { operation, component } = error
  const shut = new RejoinError('unauthorized', '401', { operation, component })
  const wanting = status([], [peer({ healthy: false, error: shut })])
  const wants = ['warn', 'a server wants another token (--token)', { peer: 'b:1' }]
  expect(lines(there, wanting)).toEqual([wants])
  // It was started again, with other tokens.
  expect(lines(away, wanting)).toEqual([wants])
  expect(lines(wanting, wanting)).toEqual([])
})

it('what keeps servers from sharing is a warning, once', () => {
  const well = status([key('a', 'b:1')], [peer()])
  const problem = 'the leader b:1 does not share this key'
  const bad = status(
    [key('a', 'b:1', { problem })],
    [peer({ clockTrouble: 'ahead', clockOffset: 9_000 })],
  )
  expect(lines(well, bad)).toEqual([
    ['warn', problem, { key: 'a' }],
    ['warn', 'the clock of a server is ahead', { peer: 'b:1', milliseconds: 9_000 }],
  ])
  expect(lines(bad, bad)).toEqual([])
  expect(lines(bad, well)).toEqual([
    ['info', 'the clock of a server is right again', { peer: 'b:1' }],
  ])
  const other = status([key('a', 'b:1')], [peer({ kind: 'incompatible', protocol: '3.0' })])
  expect(lines(undefined, other)).toContainEqual([
    ...['warn', 'a server speaks another protocol'],
    { peer: 'b:1', protocol: '3.0' },
  ])
})
