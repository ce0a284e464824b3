import { nodeStatusOf } from '../../cluster/http/node-status-of.ts'
import type { Cluster } from '../../cluster/index.ts'
import { nodeStatusBody } from '../../cluster/pivot/node-status.ts'
import { RejoinError } from '../../errors/index.ts'
import type { Logger } from '../../ports/index.ts'
import type { State, StateFilter } from '../../state/index.ts'

/** Where subscribers hear of the other servers' health, as from servers of the original. */
export const statusPath = 'pivot/status'

/** In memory only. Not for long: nobody shall read what a server said that has stopped saying it. */
export const ephemeralStatus = { [statusPath]: { ttl: 86_400_000 } }

/** Requests may read it. */
export const guardedStatus: Readonly<Record<string, StateFilter>> = {
  [statusPath]: { write: refuse, delete: refuse },
}

/** Keeps it up to date until the function that it answers with is called. */
export function publishStatus(
  cluster: Cluster,
  state: State,
  logger: Pick<Logger, 'warn'>,
): () => Promise<void> {
  let shown = ''
  let writing = Promise.resolve()
  const write = () => {
    writing = writing.then(async () => {
      try {
        await state.set(statusPath, nodesOf(cluster))
      } catch (error) {
        logger.warn('the status of the cluster could not be published', { error })
      }
    })
  }
  const stops = [
    cluster.onStatus(() => {
      const now = JSON.stringify(nodesOf(cluster), withoutTimes)
      if (now === shown) return
      shown = now
      write()
    }),
    // It has expired.
    state.observe(statusPath, ({ changes }) => {
      if (changes.some(({ object }) => object === undefined)) write()
    }),
  ]
  return async () => {
    for (const stop of stops) stop()
    await writing
  }
}

/** A server that only follows shows none, as in the original. */
function nodesOf(cluster: Cluster): readonly object[] {
  if (cluster.role === 'node') return []
  return cluster.peers.map((peer) => nodeStatusBody(nodeStatusOf(peer)))
}

function withoutTimes(name: string, value: unknown): unknown {
  return name === 'lastCheck' ? undefined : value
}

function refuse(): never {
  throw new RejoinError('forbidden', `${statusPath} is written by the server alone`, {
    operation: 'write',
    component: 'cli',
  })
}
