import { ClusterLink } from '../links/cluster-link.ts'
import { ClusterLinks } from '../links/cluster-links.ts'
import { Peers } from '../peers/peers.ts'
import { Notices } from '../pivot/notices.ts'
import { Proofs } from '../proofs/proofs.ts'
import type { Membership } from './membership.ts'
import { isWatched } from './view.ts'

/*
 * What the parts of a membership hear of each other:
 *
 *     peers ──answers, is back──▶ links ──moved──▶ membership
 *     servers of the original ──▶ notices ──outcome──▶ peers
 *     links to leaders ──▶ proofs ──▶ status
 */

/** Who else there is; `onChange` when who is there is somebody else. */
export function peersOf(membership: Membership, onChange: () => void): Peers {
  const { settings, instance } = membership
  const { name, address, network, logger, runtime, probeInterval, probeTimeout } = settings
  return new Peers(
    {
      ...{ network, logger, runtime, probeInterval, probeTimeout, instance },
      cluster: name,
      isWatched: (one) => isWatched(membership, one),
      onChange: (back) => {
        onChange()
        if (back !== undefined) membership.links.peerIsBack(back)
      },
      onAnswer: ({ address: one, about }, asked) => {
        const ends = new Map(Object.entries(about?.rejoin?.ends ?? {}))
        for (const link of membership.links.all)
          if (link.desired.address === one) link.answered(asked, ends.get(link.desired.there))
      },
      onForeign: ({ address: one }, cluster) => {
        const led = membership.keys.filter((key) => membership.leadOf(key).leader === one)
        const leads = led.length > 0 && { leads: led.map(({ path }) => path) }
        const fields = { peer: one, cluster, own: name, ...leads }
        logger.warn('a server is of another cluster: nothing is exchanged with it', fields)
      },
    },
    address,
  )
}

export function linksOf(
  membership: Membership,
  onChange: (link: ClusterLink) => void,
): ClusterLinks {
  const { settings, storages, knownPeers } = membership
  const { network, logger, runtime, timeout, interval } = settings
  return new ClusterLinks(
    (desired) =>
      new ClusterLink({
        ...{ desired, network, logger, runtime, timeout, interval, onChange },
        lastPeer: knownPeers.lastOf(desired),
        replica: storages.get(desired.storage).replica,
      }),
    logger,
  )
}

export function noticesOf(membership: Membership): Notices {
  const { settings, storages, peers } = membership
  const { network, logger, runtime } = settings
  return new Notices({
    ...{ network, logger, runtime, storages },
    peers: () => peers.all,
    led: () => membership.keys.filter((key) => membership.leadOf(key).leader === undefined),
    onOutcome: (one) => peers.look(one),
  })
}

export function proofsOf(membership: Membership): Proofs {
  const { settings, storages, links } = membership
  const { network, logger, runtime, metrics, proofInterval } = settings
  const keysIn = (name: string) => membership.keys.filter(({ storage }) => storage === name)
  return new Proofs({
    ...{ network, logger, runtime, metrics, storages },
    grace: proofGrace,
    look: (address) => membership.peers.look(address),
    interval: proofInterval,
    links: () => links.all.filter(({ desired }) => desired.reasons.includes('leader')),
    keys: (name) => keysIn(name).map(({ path }) => path),
    onProof: () => membership.changes.tell(),
  })
}

/** Milliseconds in which what is on its way arrives. */
const proofGrace = 2_000
