import type { StateClient } from '../../client/index.ts'
import type { Command } from '../command.ts'
import { type ServerCommandOf, serverCommand } from '../network/server-command.ts'
import type { Options } from '../options/option.ts'

/** A command on a state server. */
export function stateCommand<O extends Options>(spec: ServerCommandOf<O, StateClient>): Command {
  return serverCommand(spec, async (url, token) => {
    const { connectState } = await import('../../client/index.ts')
    return connectState(url, token === undefined ? {} : { token })
  })
}
