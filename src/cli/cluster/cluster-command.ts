import type { Command } from '../command.ts'
import { type ServerCommandOf, serverCommand } from '../network/server-command.ts'
import type { Options } from '../options/option.ts'
import type { ClusterCalls } from './cluster-calls.ts'

/** A command on a server of a cluster. */
export function clusterCommand<O extends Options>(spec: ServerCommandOf<O, ClusterCalls>): Command {
  return serverCommand(spec, async (url, token) => {
    const { clusterCalls } = await import('./cluster-calls.ts')
    return clusterCalls(url, token)
  })
}
