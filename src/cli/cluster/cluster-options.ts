import { addressProblem, plainAddress } from '../../cluster/configuration/address.ts'
import { clusterNameProblem } from '../../cluster/configuration/cluster-name.ts'
import { optional, repeated, type Values, Wrong } from '../options/option.ts'
import { text } from '../options/readers.ts'

/** Options of `rejoin serve` that make it a server of a cluster. */
export const clusterOptions = {
  key: repeated('KEY', 'share this path or list, such as users/*, with a cluster', sharedKey),
  'local-key': repeated('KEY', 'share this, and lead it whoever leads the rest', text),
  'cluster-name': optional('NAME', 'the same on all servers; others are refused', clusterName),
  leader: optional('HOST:PORT', 'who leads; default: this server does', serverAddress),
  'forget-on-leader-change': repeated(
    'KEY',
    'drop this --key, unsent writes too, when --leader changes',
    text,
  ),
  'nodes-key': optional('LIST', 'the list in which servers announce themselves', text),
  node: repeated('HOST:PORT', 'another server of the cluster', serverAddress),
  advertise: optional('HOST:PORT', 'where the others reach this server', serverAddress),
}

export type ClusterValues = Values<typeof clusterOptions>

/** `users/*`, or `users/*=HOST:PORT` for a key with a leader of its own. */
interface SharedKey {
  readonly path: string
  readonly leader?: string
}

function sharedKey(given: string): SharedKey {
  // No path holds one.
  const equals = given.indexOf('=')
  if (equals < 0) return { path: text(given) }
  const [path, leader] = [given.slice(0, equals), given.slice(equals + 1)]
  const plain = plainAddress(leader)
  if (plain !== undefined) return { path, leader: plain }
  throw new Wrong(`must be KEY or KEY=HOST:PORT, and the leader ${addressProblem(leader)}`)
}

function clusterName(given: string): string {
  const problem = clusterNameProblem(given)
  if (problem !== undefined) throw new Wrong(problem)
  return given
}

function serverAddress(given: string): string {
  const plain = plainAddress(given)
  if (plain === undefined) throw new Wrong(addressProblem(given) as string)
  return plain
}
