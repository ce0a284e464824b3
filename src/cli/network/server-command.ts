import type { Command, CommandOf } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { type Options, optional, type Values } from '../options/option.ts'
import { parseOptions } from '../options/parse-options.ts'
import { token } from '../options/readers.ts'
import { tokenIn } from '../options/token-in.ts'
import { takeWords, webAddressIn } from '../options/words.ts'

const common = {
  token: optional('TOKEN', 'what the server asks for; also from REJOIN_TOKEN', token),
}

/** A command on a server: `rejoin NAME URL …`. */
export interface ServerCommandOf<O extends Options, Client>
  extends Omit<CommandOf<O>, 'usage' | 'run'> {
  /** After URL. */
  readonly words?: readonly string[]
  readonly optionalWords?: readonly string[]
  /** Answers with the exit code. */
  run(call: ServerCall<O, Client>): Promise<number>
}

export interface ServerCall<O extends Options, Client> {
  readonly url: string
  readonly client: Client
  /** Those after URL. */
  readonly words: readonly string[]
  readonly values: Values<O>
  readonly io: CommandIo
}

/** `connect` makes what a call asks the server with, which is closed after it. */
export function serverCommand<O extends Options, Client extends AsyncDisposable>(
  { words: demanded = [], optionalWords = [], run, ...spec }: ServerCommandOf<O, Client>,
  connect: (url: string, token: string | undefined) => Promise<Client>,
): Command {
  const wanted = ['URL', ...demanded]
  const options = { ...spec.options, ...common }
  const forms = [...wanted, ...optionalWords.map((word) => `[${word}]`), '[OPTIONS]']
  return {
    ...spec,
    options,
    usage: [forms.join(' ')],
    async start(args, io) {
      const { words, rest } = takeWords(options, args, { wanted, optional: optionalWords })
      const values = parseOptions(options, rest)
      const shown = (values.token as string | undefined) ?? tokenIn(io.env)[0]
      const [url, ...others] = words
      const address = webAddressIn('URL', url as string)
      await using client = await connect(address, shown)
      return await run({ url: address, client, words: others, values: values as Values<O>, io })
    },
  }
}
