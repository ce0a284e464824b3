import type { CommandIo } from './command-io.ts'
import type { Options, Values } from './options/option.ts'
import { parseOptions } from './options/parse-options.ts'
import type { CommandName } from './summaries.ts'

/** One command: dispatch, help and checks all come from this description. */
export interface CommandOf<O extends Options> {
  readonly name: CommandName
  /** Its forms, where it has several. Default: one, from `options`. */
  readonly usage?: readonly string[]
  /** What to know before using it. */
  readonly about: string
  readonly options: O
  /** Without the leading `rejoin`. */
  readonly examples: readonly string[]
  /** Answers with the exit code: 0 done, 1 not ok. */
  run(values: Values<O>, io: CommandIo): Promise<number>
}

export type Command = Omit<CommandOf<Options>, 'run'> & {
  start(args: readonly string[], io: CommandIo): Promise<number>
}

export function command<O extends Options>(spec: CommandOf<O>): Command {
  return {
    ...spec,
    start: async (args, io) => spec.run(parseOptions(spec.options, args), io),
  }
}
