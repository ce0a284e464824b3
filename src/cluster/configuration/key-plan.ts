import { patternProblem, patternsOverlap } from '../../contracts/index.ts'
import {
  fields,
  type Known,
  oneOf,
  text,
  trueOrFalse,
  unwanted,
  type Where,
} from '../../errors/check.ts'
import { didYouMean } from '../../errors/did-you-mean.ts'
import { RejoinError } from '../../errors/index.ts'
import { addressProblem, plainAddress } from './address.ts'
import type { ClusterKey } from './cluster-options.ts'
import { followedPattern, knownPeersPattern, recordPattern } from './own-paths.ts'

/** A key as the configuration has it. */
export interface KeyPlan {
  readonly path: string
  readonly storage: string
  /** Absent: this server leads it, unless somebody has decided otherwise. */
  readonly leader?: string
  /** This server leads it whatever anybody decides. */
  readonly local?: true
  /** What is here of it goes when the configuration names another leader than last time. */
  readonly onLeaderChange?: 'forget'
}

export interface KeysGiven {
  readonly keys: readonly ClusterKey[]
  /** The cluster's. */
  readonly leader: string | undefined
  readonly nodesKey: string | undefined
  /** The names of storages there are. */
  readonly storages: readonly string[]
}

/** The keys with what goes for all of them; what contradicts itself throws `invalid_argument` and names the key. */
export function planKeys(given: KeysGiven, where: Where): readonly KeyPlan[] {
  const { keys, nodesKey } = given
  if (!Array.isArray(keys)) throw unwanted('keys', keys, 'a list of { path }', where)
  const plans = keys.map((key) => planOf(key, given, where))
  if (nodesKey !== undefined) {
    checkPath('nodesKey', nodesKey, where)
    if (!/^[^*]+\/\*$/.test(nodesKey))
      throw unwanted('nodesKey', nodesKey, 'a list, such as things/*', where)
    const own = plans.find(({ path }) => path === nodesKey)
    if (own === undefined) plans.push(planOf({ path: nodesKey }, given, where))
    else if (own.storage !== 'main')
      throw refusal(nodesKey, 'is where servers announce themselves: it lives in "main"', where)
  }
  plans.forEach((plan, at) => {
    const other = plans.slice(0, at).find((one) => patternsOverlap(one.path, plan.path))
    if (other === undefined) return
    const words = other.path === plan.path ? 'is given twice' : `overlaps with "${other.path}"`
    throw refusal(plan.path, words, where)
  })
  return plans
}

function planOf(key: ClusterKey, { leader, storages }: KeysGiven, where: Where): KeyPlan {
  const {
    path,
    storage = 'main',
    leader: own,
    ...rest
  } = fields('key', asKey(key, where), where, clusterKeyNames)
  const { local = false, onLeaderChange = 'keep' } = rest
  checkPath('key', path, where)
  text(`the storage of key "${path}"`, storage, where)
  trueOrFalse(`local of key "${path}"`, local, where)
  oneOf(`onLeaderChange of key "${path}"`, onLeaderChange, ['keep', 'forget'], where)
  if (local && onLeaderChange === 'forget')
    throw refusal(path, 'is local, so that it has no leader that could change', where)
  if (!storages.includes(storage)) {
    const meant = didYouMean(storage, storages)
    const words = `lives in "${storage}", and the storages are ${storages.join(', ')}${meant}`
    throw refusal(path, words, where)
  }
  if (own !== undefined) {
    const problem = addressProblem(own)
    if (problem !== undefined) throw refusal(path, `has a leader that ${problem}`, where)
    if (local) throw refusal(path, 'is local and has a leader: choose one of both', where)
    if (leader === undefined)
      throw refusal(
        path,
        'has a leader of its own on a server that follows none: give the cluster a leader, this server’s own address if it leads the rest',
        where,
      )
  }
  const followed = local ? undefined : plainAddress(own ?? leader)
  return {
    ...{ path, storage },
    ...(followed !== undefined && { leader: followed }),
    ...(local && { local }),
    ...(onLeaderChange === 'forget' && { onLeaderChange }),
  }
}

function asKey(key: ClusterKey, where: Where): ClusterKey {
  if (typeof key !== 'string') return key
  const wanted = `{ path: ${JSON.stringify(String(key).slice(0, 100))} }`
  throw new RejoinError('invalid_argument', `a key must be ${wanted}, not a string`, where)
}

function checkPath(name: string, path: unknown, where: Where): void {
  const problem = patternProblem(path)
  if (problem !== undefined) {
    const shown = typeof path === 'string' ? JSON.stringify(path.slice(0, 100)) : String(path)
    throw new RejoinError('invalid_argument', `${name} ${shown} ${problem}`, where)
  }
  const pattern = path as string
  if (patternsOverlap(pattern, recordPattern))
    throw refusal(pattern, `overlaps with ${recordPattern}, where leaders are written down`, where)
  if (patternsOverlap(pattern, knownPeersPattern))
    throw refusal(pattern, `overlaps with ${knownPeersPattern}, which stays on each server`, where)
  if (patternsOverlap(pattern, followedPattern))
    throw refusal(pattern, `overlaps with ${followedPattern}, which stays on each server`, where)
  if (pattern.length > longestKey)
    throw refusal(`${pattern.slice(0, 100)}…`, `is longer than ${longestKey}`, where)
}

function refusal(path: string, words: string, where: Where): RejoinError {
  const message = `key "${path}" ${words}`
  return new RejoinError('invalid_argument', message, { ...where, details: { key: path } })
}

/** The path of its record has two characters for each. */
const longestKey = 500

const clusterKeyNames: Known<ClusterKey> = {
  path: true,
  storage: true,
  leader: true,
  local: true,
  onLeaderChange: true,
}
