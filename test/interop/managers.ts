import type { GoEvent } from './go-process.ts'

/**
 * What becomes of Go programs that use a SyncManager, by what they do. It takes the end of its own log for
 * its place in the server's, so whatever two sides count differently is lost to one of them, mostly without
 * an error. interop/README.md shows this table.
 */
export interface Play {
  readonly what: string
  /** What the server answers /latest-version while it is empty; Go says 0, ours can say -1. */
  readonly whenEmpty: '0' | '-1'
  /** `NAME writes ID`, `NAME syncs [push-only|pull-only]`, `NAME pushes`; NAME is a client or the server. */
  readonly steps: readonly string[]
  /** The ids that each ends with, in the order of its log. */
  readonly ends: Readonly<Record<string, string>>
  /** The trouble that was reported, round by round. */
  readonly errors: readonly RegExp[]
  /** For the table. */
  readonly verdict: 'works' | 'fails loudly' | 'loses silently'
}

export const plays: readonly Play[] = [
  {
    what: 'a client that only reads follows the server',
    whenEmpty: '0',
    steps: ['server writes s1 s2 s3', 'a syncs pull-only', 'server writes s4', 'a syncs pull-only'],
    ends: { server: 's1 s2 s3 s4', a: 's1 s2 s3 s4' },
    errors: [],
    verdict: 'works',
  },
  {
    what: 'a client without events of its own syncs both ways',
    whenEmpty: '0',
    steps: ['server writes s1 s2', 'a syncs', 'server writes s3', 'a syncs'],
    ends: { server: 's1 s2 s3', a: 's1 s2 s3' },
    errors: [],
    verdict: 'works',
  },
  {
    what: 'a client pushes to an empty server that answers "0"',
    whenEmpty: '0',
    steps: ['a writes a1 a2', 'a syncs', 'a syncs'],
    ends: { server: '', a: 'a1 a2' },
    errors: [/push.*zero is not a valid version/, /push.*zero is not a valid version/],
    verdict: 'fails loudly',
  },
  {
    what: 'a client pushes to an empty server that answers "-1"',
    whenEmpty: '-1',
    steps: ['a writes a1 a2', 'a syncs', 'a writes a3', 'a syncs'],
    ends: { server: 'a1 a2 a3', a: 'a1 a2 a3' },
    errors: [],
    verdict: 'works',
  },
  {
    what: 'one client writes, the others only read; the server began empty and answered "-1"',
    whenEmpty: '-1',
    steps: [
      'a writes a1 a2',
      'a syncs',
      'b syncs pull-only',
      'a writes a3',
      'a syncs push-only',
      'b syncs',
    ],
    ends: { server: 'a1 a2 a3', a: 'a1 a2 a3', b: 'a1 a2 a3' },
    errors: [],
    verdict: 'works',
  },
  {
    what: 'two clients with an event each, on a server that has one',
    whenEmpty: '0',
    steps: ['server writes s1', 'a writes a1', 'b writes b1', ...rounds('a', 'b')],
    ends: { server: 's1', a: 'a1', b: 'b1' },
    errors: [],
    verdict: 'loses silently',
  },
  {
    what: 'two clients with an event each, on an empty server that answered "-1"',
    whenEmpty: '-1',
    steps: ['a writes a1', 'b writes b1', ...rounds('a', 'b')],
    ends: { server: 'a1', a: 'a1', b: 'b1' },
    errors: [],
    verdict: 'loses silently',
  },
  {
    what: 'a client with three events joins a server that has one',
    whenEmpty: '0',
    steps: ['server writes s1', 'a writes a1 a2 a3', ...rounds('a')],
    ends: { server: 's1 a2 a3', a: 'a1 a2 a3' },
    errors: [],
    verdict: 'loses silently',
  },
  {
    what: 'a client that has caught up writes while the server gets another event',
    whenEmpty: '0',
    steps: ['server writes s1 s2', 'a syncs', 'a writes a1', 'server writes s3', ...rounds('a')],
    ends: { server: 's1 s2 s3', a: 's1 s2 a1' },
    errors: [],
    verdict: 'loses silently',
  },
  {
    what: 'a client that wrote first pulls from a server that is ahead',
    whenEmpty: '0',
    steps: ['server writes s1 s2 s3', 'a writes a1', ...rounds('a')],
    ends: { server: 's1 s2 s3', a: 'a1 s2 s3' },
    errors: [],
    verdict: 'loses silently',
  },
  {
    what: 'a client pushes past its SyncManager, then syncs: its own events come back',
    whenEmpty: '0',
    steps: ['server writes s1 s2 s3', 'a writes a1 a2', 'a pushes', 'a syncs', 'a syncs'],
    ends: { server: 's1 s2 s3 a1 a2', a: 'a1 a2 s3' },
    errors: [/pull.*UNIQUE/, /pull.*UNIQUE/],
    verdict: 'fails loudly',
  },
]

export function eventNamed(id: string): GoEvent {
  return { id, type: 'Noted', aggregate_id: 'notes', data: { text: id }, metadata: null }
}

function rounds(...clients: readonly string[]): string[] {
  return Array.from({ length: 5 }, () => clients.map((client) => `${client} syncs`)).flat()
}
