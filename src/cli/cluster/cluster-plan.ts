import { planKeys } from '../../cluster/configuration/key-plan.ts'
import type { ClusterOptions } from '../../cluster/index.ts'
import { patternsOverlap } from '../../contracts/index.ts'
import { misuse } from '../misuse.ts'
import type { ClusterValues } from './cluster-options.ts'
import { statusPath } from './published-status.ts'

/** A server's part in a cluster, as its options say it. */
export type ClusterPlan = Pick<
  ClusterOptions,
  'name' | 'keys' | 'leader' | 'nodesKey' | 'nodes' | 'address' | 'advertise'
>

/**
 * What these options mean together; `undefined` without any of them: there is no cluster. Throws misuse that names
 * option and key for what contradicts itself or has no effect.
 */
export function clusterPlan(values: ClusterValues): ClusterPlan | undefined {
  const { 'forget-on-leader-change': forgets, ...rest } = values
  const { key, 'local-key': local, leader, 'nodes-key': nodesKey, node, advertise } = rest
  const name = rest['cluster-name']
  if (key.length + local.length === 0) {
    const others = {
      ...{ 'cluster-name': name, leader, 'nodes-key': nodesKey, node: node[0], advertise },
      'forget-on-leader-change': forgets[0],
    }
    const given = Object.entries(others).find(([, value]) => value !== undefined)
    if (given === undefined) return undefined
    throw misuse(`--${given[0]} goes with --key, which says what is shared`)
  }
  const led = key.find((one) => one.leader !== undefined)
  if (led !== undefined && leader === undefined)
    throw misuse(
      `--key "${led.path}" has a leader of its own, and this server follows none: give --leader, and --local-key for what it leads itself`,
    )
  if (leader !== undefined && key.every((one) => one.leader !== undefined) && !nodesKey)
    throw misuse(`--leader ${leader} has nothing to lead: no --key is without a leader of its own`)
  if (advertise !== undefined && node.includes(advertise))
    throw misuse(`--node ${advertise} is this server itself, says --advertise`)
  const unknown = forgets.find((path) => key.every((one) => one.path !== path))
  if (unknown !== undefined)
    throw misuse(`--forget-on-leader-change "${unknown}" is no --key of this server`)
  const keys = [
    ...key.map((one) =>
      forgets.includes(one.path) ? { ...one, onLeaderChange: 'forget' as const } : one,
    ),
    ...local.map((path) => ({ path, local: true })),
  ]
  checkKeys(values, keys)
  return {
    keys,
    nodes: node,
    ...(name !== undefined && { name }),
    ...(leader !== undefined && { leader }),
    ...(nodesKey !== undefined && { nodesKey }),
    ...(advertise !== undefined && { address: advertise, advertise: nodesKey !== undefined }),
  }
}

/** As the cluster checks them, but before the server listens, and by the names of the options. */
function checkKeys(
  { leader, 'local-key': local, 'nodes-key': nodesKey }: ClusterValues,
  keys: ClusterPlan['keys'],
): void {
  const optionOf = (path: string) => {
    if (local.includes(path)) return 'local-key'
    return path === nodesKey ? 'nodes-key' : 'key'
  }
  const mine = [...keys.map(({ path }) => path), ...(nodesKey === undefined ? [] : [nodesKey])]
  const taken = mine.find((path) => patternsOverlap(path, statusPath))
  if (taken !== undefined)
    throw misuse(
      `--${optionOf(taken)} "${taken}" overlaps with ${statusPath}, where this server shows the others’ health`,
    )
  try {
    planKeys(
      { keys, leader, nodesKey, storages: ['main'] },
      { operation: 'read', component: 'cli' },
    )
  } catch (error) {
    const { message } = error as Error
    const [, path = ''] = /^key "([^"]*)"/.exec(message) ?? []
    throw misuse(message.replace(/^nodesKey/, '--nodes-key').replace(/^key/, `--${optionOf(path)}`))
  }
}
