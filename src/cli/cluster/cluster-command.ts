import type { Command } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { type Options, optional, type Values } from '../options/option.ts'
import { parseOptions } from '../options/parse-options.ts'
import { token } from '../options/readers.ts'
import { tokenIn } from '../options/token-in.ts'
import { takeWords, webAddressIn } from '../options/words.ts'
import { type ClusterCalls, clusterCalls } from './cluster-calls.ts'

const common = {
  token: optional('TOKEN', 'what the server asks for; also from REJOIN_TOKEN', token),
}

/** A command on a server of a cluster: `rejoin cluster NAME URL`. */
export interface ClusterCommandOf<O extends Options> {
  readonly name: `cluster ${string}`
  readonly summary: string
  readonly about: string
  readonly options: O
  readonly examples: readonly string[]
  /** Answers with the exit code. */
  run(call: ClusterCall<O>): Promise<number>
}

export interface ClusterCall<O extends Options> {
  readonly url: string
  readonly calls: ClusterCalls
  readonly values: Values<O>
  readonly io: CommandIo
}

export function clusterCommand<O extends Options>(spec: ClusterCommandOf<O>): Command {
  const { name, summary, about, examples } = spec
  const options = { ...spec.options, ...common }
  return {
    ...{ name, summary, about, options, examples },
    usage: ['URL [OPTIONS]'],
    async start(args, io) {
      const { words, rest } = takeWords(options, args, { wanted: ['URL'] })
      const values = parseOptions(options, rest)
      const shown = (values.token as string | undefined) ?? tokenIn(io.env)[0]
      const url = webAddressIn('URL', words[0] as string)
      await using calls = clusterCalls(url, shown)
      return await spec.run({ url, calls, values: values as Values<O>, io })
    },
  }
}
