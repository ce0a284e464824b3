import {
  abortSignal,
  fields,
  type Known,
  optionalLogger,
  optionalRuntime,
  timerTime,
  trueOrFalse,
  unwanted,
  type Where,
  wholeNumber,
  withMethods,
} from '../../errors/check.ts'
import { RejoinError } from '../../errors/index.ts'
import { guardedLogger, silentLogger } from '../../ports/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { addressProblem, isEveryAddress, plainAddress } from './address.ts'
import { checkCarried } from './carried.ts'
import { noClusterMetrics } from './cluster-metrics.ts'
import { clusterNameProblem } from './cluster-name.ts'
import type { ClusterOptions } from './cluster-options.ts'
import { planKeys } from './key-plan.ts'

/** Options with their defaults. */
export type ClusterSettings = ReturnType<typeof checkedOptions>

/** Throws `invalid_argument` for what makes no sense, or contradicts itself. */
export function checkedOptions(options: ClusterOptions) {
  const where = at('open')
  const given = fields('options', options, where, clusterOptionNames)
  const { state, name, nodesKey, nodes: others = [], signal } = given
  withMethods('state', state, ['replica', 'storage', 'observe'], 'what openState(…) answers', where)
  withMethods(
    'network',
    given.network,
    ['about', 'native', 'pivot'],
    'a way to other servers',
    where,
  )
  const [leader, address] = (['leader', 'address'] as const).map((option) =>
    given[option] === undefined ? undefined : checkAddress(option, given[option], where),
  )
  if (address !== undefined && isEveryAddress(address))
    throw unwanted('address', address, 'one at which others reach this server', where)
  checkCarried(state, where)
  if (!Array.isArray(others)) throw unwanted('nodes', others, 'a list of addresses', where)
  const nodes = others.map((node) => checkAddress('nodes', node, where))
  const { advertise = false, syncOnStart = true, runtime = systemRuntime } = given
  trueOrFalse('advertise', advertise, where)
  trueOrFalse('syncOnStart', syncOnStart, where)
  if (advertise && (nodesKey === undefined || address === undefined)) {
    const lacking = nodesKey === undefined ? 'a nodesKey to write to' : 'an address to write'
    throw new RejoinError('invalid_argument', `advertise needs ${lacking}`, where)
  }
  const { probeInterval = 3_000, probeTimeout = 1_500, timeout = 30_000 } = given
  const { interval = 30_000, readLimit = 200, proofInterval = 60_000 } = given
  for (const [option, time] of Object.entries({ probeInterval, probeTimeout, timeout, interval }))
    timerTime(option, time, where)
  wholeNumber('readLimit', readLimit, where)
  if (proofInterval !== 0) timerTime('proofInterval', proofInterval, where)
  optionalLogger(given.logger, where)
  optionalRuntime(given.runtime, where)
  const { metrics = noClusterMetrics } = given
  withMethods('metrics', metrics, ['keyCompared'], 'where a cluster counts', where)
  abortSignal(signal, where)
  const keys = planKeys({ keys: given.keys, leader, nodesKey, storages: state.names }, where)
  if (name !== undefined) checkName(name, where)
  const network = name === undefined ? given.network : (given.network.as?.(name) ?? given.network)
  const logger = guardedLogger(given.logger ?? silentLogger)
  return {
    ...{
      state,
      name,
      keys,
      leader,
      nodesKey,
      nodes,
      address,
      network,
      advertise,
      syncOnStart,
      signal,
    },
    ...{
      probeInterval,
      probeTimeout,
      timeout,
      interval,
      readLimit,
      proofInterval,
      runtime,
      logger,
      metrics,
    },
  }
}

/** Answers with its one form. */
export function checkAddress(name: string, address: unknown, where: Where): string {
  const plain = plainAddress(address)
  if (plain !== undefined) return plain
  const problem = addressProblem(address)
  const shown = typeof address === 'string' ? ` ${JSON.stringify(address.slice(0, 100))}` : ''
  throw new RejoinError('invalid_argument', `${name}${shown} ${problem}`, {
    ...where,
    details: { option: name },
  })
}

function checkName(name: unknown, where: Where): void {
  const problem = clusterNameProblem(name)
  if (problem === undefined) return
  const shown = typeof name === 'string' ? ` ${JSON.stringify(name.slice(0, 100))}` : ''
  throw new RejoinError('invalid_argument', `name${shown} ${problem}`, {
    ...where,
    details: { option: 'name' },
  })
}

/** What plain JavaScript mixes up with its tree or its options. */
export function checkCluster(cluster: unknown, where: Where): void {
  const methods = ['admit', 'freshness', 'leads', 'state']
  withMethods('cluster', cluster, methods, 'what openCluster(…) answers', where)
}

export function at(operation: string): Where {
  return { operation, component: 'cluster' }
}

const clusterOptionNames: Known<ClusterOptions> = {
  state: true,
  name: true,
  keys: true,
  leader: true,
  nodesKey: true,
  nodes: true,
  address: true,
  advertise: true,
  network: true,
  syncOnStart: true,
  probeInterval: true,
  probeTimeout: true,
  timeout: true,
  interval: true,
  proofInterval: true,
  readLimit: true,
  logger: true,
  metrics: true,
  runtime: true,
  signal: true,
}
