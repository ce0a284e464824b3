import { connectState, type StateClient } from '../../client/index.ts'
import type { Command } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { type Options, optional, type Values } from '../options/option.ts'
import { parseOptions } from '../options/parse-options.ts'
import { token } from '../options/readers.ts'
import { tokenIn } from '../options/token-in.ts'
import { takeWords, webAddressIn } from '../options/words.ts'

const common = {
  token: optional('TOKEN', 'what the server asks for; also from REJOIN_TOKEN', token),
}

/** A command on a state server: `rejoin NAME URL …`. */
export interface StateCommandOf<O extends Options> {
  readonly name: string
  readonly summary: string
  readonly about: string
  /** After URL. */
  readonly words: readonly string[]
  readonly optionalWords?: readonly string[]
  readonly options: O
  readonly examples: readonly string[]
  /** Answers with the exit code. */
  run(call: StateCall<O>): Promise<number>
}

export interface StateCall<O extends Options> {
  readonly client: StateClient
  /** Those after URL. */
  readonly words: readonly string[]
  readonly values: Values<O>
  readonly io: CommandIo
}

export function stateCommand<O extends Options>(spec: StateCommandOf<O>): Command {
  const { name, summary, about, examples, optionalWords = [] } = spec
  const wanted = ['URL', ...spec.words]
  const options = { ...spec.options, ...common }
  const forms = [...wanted, ...optionalWords.map((word) => `[${word}]`), '[OPTIONS]']
  return {
    name,
    summary,
    about,
    options,
    examples,
    usage: [forms.join(' ')],
    async start(args, io) {
      const { words, rest } = takeWords(options, args, { wanted, optional: optionalWords })
      const values = parseOptions(options, rest)
      const shown = (values.token as string | undefined) ?? tokenIn(io.env)[0]
      const given = shown === undefined ? {} : { token: shown }
      await using client = connectState(webAddressIn('URL', words[0] as string), given)
      return await spec.run({ client, words: words.slice(1), values: values as Values<O>, io })
    },
  }
}
