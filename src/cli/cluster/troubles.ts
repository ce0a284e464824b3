import { durationText } from '../terminal/figures.ts'
import type { ToldKey, ToldLink, ToldPeer, ToldStatus } from './told-status.ts'

/** What is not as it should be, each in a sentence; leaders before the others, of whom there may be many. */
export function troublesOf(status: ToldStatus): readonly string[] {
  const { keys, peers, problems = [] } = status
  const taken = addressTrouble(status)
  const leads = ({ address }: ToldPeer) => keys.some(({ leader }) => leader === address)
  const { leaders = [], others = [] } = Object.groupBy(peers, (peer) =>
    leads(peer) ? 'leaders' : 'others',
  )
  return [
    ...(taken === undefined ? [] : [taken]),
    ...problems,
    ...keys.flatMap(keyTroubles),
    ...unreached(keys, peers),
    ...[...leaders, ...others].flatMap((peer) => peerTroubles(peer, keys)),
  ]
}

/** Two servers pass for one. */
export function addressTrouble({ address, addressTakenBy }: ToldStatus): string | undefined {
  if (address === undefined || addressTakenBy === undefined) return undefined
  return `another server, ${addressTakenBy}, answers at ${address}, the address of this one: give each its own (rejoin serve --advertise)`
}

function keyTroubles({ path, problem, proof }: ToldKey): readonly string[] {
  return [
    ...(problem === undefined ? [] : [`${path}: ${problem}`]),
    ...(proof?.agrees === false ? [`${path} differs from what its leader holds`] : []),
  ]
}

/** Leaders that have not been asked yet; those that are away are told of as servers. */
function unreached(keys: readonly ToldKey[], peers: readonly ToldPeer[]): readonly string[] {
  return keys
    .filter(({ leader, leaderReachable }) => {
      const asked = peers.find(({ address }) => address === leader)?.healthy
      return !leaderReachable && asked === undefined
    })
    .map(({ path, leader }) => `the leader of ${path}, ${leader}, was not reached yet`)
}

function peerTroubles(peer: ToldPeer, keys: readonly ToldKey[]): readonly string[] {
  const { address, cluster, healthy, kind, protocol = 'unknown', error, links, retired } = peer
  if (retired) return []
  if (healthy === false) {
    const led = keys.filter((key) => key.leader === address).map(({ path }) => path)
    const who = led.length === 0 ? address : `${address}, which leads ${led.join(', ')},`
    if (kind === 'foreign')
      return [`${who} is of another cluster, "${cluster}": nothing is exchanged with it`]
    if (error?.code === 'unauthorized')
      return [`${who} wants another token than this server shows (rejoin serve --token)`]
    return [`${who} is away${error === undefined ? '' : `: ${error.message}`}`]
  }
  return [
    ...(kind === 'incompatible' ? [`${address} speaks protocol ${protocol}, not 2.0`] : []),
    ...clockTroubles(peer),
    ...links.flatMap((link) => linkTroubles(address, link)),
  ]
}

function clockTroubles({ address, clockTrouble, clockOffset = 0 }: ToldPeer): readonly string[] {
  if (clockTrouble === undefined) return []
  return [`the clock of ${address} is ${durationText(Math.abs(clockOffset))} ${clockTrouble}`]
}

function linkTroubles(address: string, { blocked }: ToldLink): readonly string[] {
  if (blocked === undefined || harmless.has(blocked.cause)) return []
  return [`the link with ${address} is blocked (${blocked.cause}): ${blocked.message}`]
}

/** It goes with the next sync. */
const harmless: ReadonlySet<string> = new Set(['interval'])
