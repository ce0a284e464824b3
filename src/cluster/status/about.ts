import { RejoinError } from '../../errors/index.ts'
import { withDeadline } from '../../runtime/index.ts'
import { untilAborted } from '../../transport/remote/index.ts'
import type { Cursor } from '../../version/index.ts'
import type { Membership } from '../membership/membership.ts'
import type { KeyAbout, PeerAbout } from '../peer-network.ts'

/** What a server says of itself to who asks. Rejects with the signal's reason only. */
export async function aboutOf(membership: Membership, signal?: AbortSignal): Promise<PeerAbout> {
  const ends = await endsOf(membership, signal)
  const { name, address, runtime } = membership.settings
  const keys = membership.keys.map((key): KeyAbout => {
    const { path, storage, local } = key
    const lead = membership.leadOf(key)
    const { leader = address } = lead
    const asOf = lead.leader === undefined ? undefined : membership.levelAt(key)
    return {
      ...{ path, storage },
      ...(leader !== undefined && { leader }),
      reachesLeader: membership.reachesLeader(key),
      ...(asOf !== undefined && { asOf }),
      ...(local && { local }),
    }
  })
  const isOnItsOwn = keys.some(({ reachesLeader }) => !reachesLeader)
  return {
    protocol: '2.0',
    compatible: true,
    rejoin: {
      version: 1,
      node: membership.node,
      instance: membership.instance,
      ...(name !== undefined && { cluster: name }),
      ...(address !== undefined && { address }),
      time: runtime.now(),
      keys,
      ends,
      ...(isOnItsOwn && { peers: reached(membership) }),
    },
  }
}

function reached({ peers }: Membership): readonly string[] {
  return peers.all.flatMap(({ address, isThere }) => (isThere === false ? [] : [address]))
}

/** Of each storage that something is shared of, as it stands now: later than all that anybody was told of before. */
async function endsOf(
  { settings, storages, keys }: Membership,
  signal: AbortSignal | undefined,
): Promise<Readonly<Record<string, Cursor>>> {
  const names = [...new Set(keys.map(({ storage }) => storage))]
  const ends = await Promise.all(
    names.map(async (name) => {
      const { replica } = storages.get(name)
      try {
        const read = (inner: AbortSignal) => untilAborted(inner, replica.identity(inner))
        const { end } = await withDeadline(settings.runtime, patience, signal, late, read)
        return [[name, end] as const]
      } catch {
        // A storage in trouble makes no server look as if it were away.
        signal?.throwIfAborted()
        return []
      }
    }),
  )
  return Object.fromEntries(ends.flat())
}

function late(): RejoinError {
  const where = { operation: 'about', component: 'cluster' }
  return new RejoinError('timeout', `the storage does not answer within ${patience} ms`, where)
}

/** Milliseconds: less than who asks waits for the answer. */
const patience = 500
