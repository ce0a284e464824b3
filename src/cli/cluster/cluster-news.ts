import type { ClusterStatus, KeyStatus, PeerStatus } from '../../cluster/index.ts'
import type { LogFields } from '../../ports/index.ts'

/** One line of the log. */
export interface News {
  readonly level: 'info' | 'warn'
  readonly message: string
  readonly fields: LogFields
}

/** What is worth a line since the status before; without one: who leads what, and who else is there. */
export function clusterNews(
  before: ClusterStatus | undefined,
  now: ClusterStatus,
): readonly News[] {
  const keys = new Map(before?.keys.map((key) => [key.path, key]))
  const peers = new Map(before?.peers.map((peer) => [peer.address, peer]))
  return [
    ...leadNews(now.keys.filter((key) => leadOf(key) !== leadOf(keys.get(key.path)))),
    ...now.keys.flatMap((key) => problemNews(keys.get(key.path), key)),
    ...now.peers.flatMap((peer) => peerNews(peers.get(peer.address), peer)),
  ]
}

/** One line for all keys that go the same way. */
function leadNews(keys: readonly KeyStatus[]): readonly News[] {
  const byLead = Map.groupBy(keys, leadOf)
  return [...byLead].map(([lead, own]): News => {
    const paths = own.map(({ path }) => path).join(', ')
    return lead === here
      ? { level: 'info', message: 'this server leads', fields: { keys: paths } }
      : { level: 'info', message: 'this server follows', fields: { leader: lead, keys: paths } }
  })
}

function leadOf(key: KeyStatus | undefined): string | undefined {
  return key?.role === 'leader' ? here : key?.leader
}

function problemNews(before: KeyStatus | undefined, { path, problem }: KeyStatus): readonly News[] {
  if (problem === undefined || problem === before?.problem) return []
  return [{ level: 'warn', message: problem, fields: { key: path } }]
}

function peerNews(before: PeerStatus | undefined, peer: PeerStatus): readonly News[] {
  return [...healthNews(before, peer), ...clockNews(before, peer)]
}

function healthNews(
  before: PeerStatus | undefined,
  { address, healthy, kind, protocol, error }: PeerStatus,
): readonly News[] {
  // The cluster itself warns of it, once.
  if (kind === 'foreign') return []
  const wantsToken = error?.code === 'unauthorized'
  const isNews =
    healthy !== before?.healthy ||
    (healthy ? kind !== before?.kind : wantsToken !== (before?.error?.code === 'unauthorized'))
  if (healthy === undefined || !isNews) return []
  const peer = { peer: address }
  if (!healthy && wantsToken)
    return [{ level: 'warn', message: 'a server wants another token (--token)', fields: peer }]
  if (!healthy) return [{ level: 'warn', message: 'a server is away', fields: { ...peer, error } }]
  if (kind === 'incompatible')
    return [
      { level: 'warn', message: 'a server speaks another protocol', fields: { ...peer, protocol } },
    ]
  return [{ level: 'info', message: 'a server is there', fields: { ...peer, kind } }]
}

function clockNews(
  before: PeerStatus | undefined,
  { address, clockTrouble, clockOffset }: PeerStatus,
): readonly News[] {
  if (clockTrouble === before?.clockTrouble) return []
  const fields = { peer: address, ...(clockOffset !== undefined && { milliseconds: clockOffset }) }
  const message =
    clockTrouble === undefined
      ? 'the clock of a server is right again'
      : `the clock of a server is ${clockTrouble}`
  return [{ level: clockTrouble === undefined ? 'info' : 'warn', message, fields }]
}

const here = ''
