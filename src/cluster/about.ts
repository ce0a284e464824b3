import type { Membership } from './membership.ts'
import type { KeyAbout, PeerAbout } from './peer-network.ts'

/** What a server says of itself to who asks. */
export function aboutOf(membership: Membership): PeerAbout {
  const { address, runtime } = membership.settings
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
      ...(address !== undefined && { address }),
      time: runtime.now(),
      keys,
      ...(isOnItsOwn && { peers: reached(membership) }),
    },
  }
}

function reached({ peers }: Membership): readonly string[] {
  return peers.all.flatMap(({ address, isThere }) => (isThere === false ? [] : [address]))
}
