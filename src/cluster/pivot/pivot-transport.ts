import type { LinkedChange, StateStorage, Transport } from '../../contracts/index.ts'
import { patternProblem } from '../../contracts/index.ts'
import { fields, type Known, timerTime, unwanted, withMethods } from '../../errors/check.ts'
import { RejoinError } from '../../errors/index.ts'
import type { Logger } from '../../ports/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { start } from '../../version/index.ts'
import { PivotCalls, type PivotCallsOptions, pivotCallsOptionNames } from './calls.ts'
import { pivotIdentity } from './identity.ts'
import { pivotProtocol } from './node-status.ts'
import { PeerSide } from './peer-side.ts'
import { PeerWriter } from './peer-writer.ts'
import { PivotPull } from './pivot-pull.ts'
import { pushChanges } from './pivot-push.ts'

export interface PivotTransportOptions extends PivotCallsOptions {
  /** What is shared with it: paths, and lists such as `users/*`. */
  readonly keys: readonly string[]
  /**
   * The storage that the link is of. Only what is here, and what of it the link has had confirmed, tells a delete
   * from what the other side has not seen.
   */
  readonly local: StateStorage
  /**
   * Milliseconds after which a list is asked for again, whatever its activity says: of what was written elsewhere a
   * while ago it says nothing. Default 300,000.
   */
  readonly lookAgain?: number
  readonly logger?: Logger
}

/** A link's way to a leader of the original. */
export interface PivotTransport extends Transport<LinkedChange> {
  /** It has said that a key has changed, or just that something has: the next pull looks. */
  changed(key?: string): void
  /**
   * All that the leader had at this time lies before the last page that ended a pull: its lists were asked for then,
   * milliseconds since 1970. That it says the same activity since proves nothing.
   */
  listedAt(): number | undefined
}

/**
 * Reaches a leader of the original, which keeps no record of its peers and can only be asked: whoever hears its
 * `synchronize/pivot` calls `changed` and lets the link sync at once. The link needs the filter of just these keys.
 *
 * Never lets an older write replace a newer one, as far as looking before writing can tell; never takes what it has
 * not confirmed for deleted; and gives back what it has lost.
 */
export function pivotTransport(options: PivotTransportOptions): PivotTransport {
  const { keys, local, logger, lookAgain = 300_000, ...calling } = checked(options)
  const { runtime = systemRuntime } = calling
  const calls = new PivotCalls(calling)
  const { address } = calls
  const { node, origin } = pivotIdentity(address, runtime)
  const writer = new PeerWriter({ calls, local, runtime })
  const side = new PeerSide({ calls, keys, local, writer, origin, runtime, lookAgain, logger })
  const pulling = new PivotPull({ side, keys, address, runtime, logger })

  return {
    async hello(_mine, signal) {
      const { protocol } = await calls.version(signal)
      if (protocol !== pivotProtocol) throw incompatible(address, protocol)
      const limits = { count: 100, bytes: 16 * 1024 * 1024 }
      return { node, origin, end: start, time: runtime.now(), limits, filters: true }
    },

    push: ({ changes }, signal) => pushChanges({ side, writer }, keys, changes, signal),

    async pull(after, want, signal) {
      // Nothing has parents, so nobody is asked for any.
      if (want.ids !== undefined) return { kind: 'page', changes: [], cursor: after, more: false }
      return pulling.page(after, want, signal)
    },

    changed(key) {
      for (const one of key === undefined ? keys : [key]) side.changed(one)
    },

    listedAt: () => pulling.listedAt,

    close: () => calls.close(),
    [Symbol.asyncDispose]: () => calls.close(),
  }
}

function checked(options: PivotTransportOptions): PivotTransportOptions {
  const { keys, local } = fields('options', options, where, pivotTransportOptionNames)
  if (!Array.isArray(keys) || keys.length === 0)
    throw unwanted('keys', keys, 'a list of paths and lists such as users/*', where)
  for (const key of keys) {
    const problem = patternProblem(key, [])
    if (problem !== undefined)
      throw unwanted('keys', key, `paths or lists such as users/*: it ${problem}`, where)
  }
  if (options.lookAgain !== undefined) timerTime('lookAgain', options.lookAgain, where)
  withMethods('local', local, ['rows', 'list', 'changes', 'link'], 'a state storage', where)
  return options
}

function incompatible(address: string, protocol: string): RejoinError {
  const said = protocol === '' ? 'an unknown protocol' : `protocol "${protocol.slice(0, 20)}"`
  const message = `${address} speaks ${said}, not ${pivotProtocol}`
  const details = { url: address, protocol: protocol.slice(0, 20) }
  return new RejoinError('protocol', message, { operation: 'hello', component: 'cluster', details })
}

const where = { operation: 'open', component: 'cluster' }

const pivotTransportOptionNames: Known<PivotTransportOptions> = {
  keys: true,
  local: true,
  lookAgain: true,
  logger: true,
  ...pivotCallsOptionNames,
}
