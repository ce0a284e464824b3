import { parseArgs } from 'node:util'
import { misuse } from '../misuse.ts'
import { type Options, Wrong } from './option.ts'
import { webAddress } from './readers.ts'

/** What a command is given without a name, such as `URL PATH [DATA]`, and the options beside it. */
export interface WordsAndRest {
  readonly words: readonly string[]
  readonly rest: readonly string[]
}

/** Takes the words out of the arguments; throws misuse for one that is missing or too many. */
export function takeWords(
  options: Options,
  args: readonly string[],
  names: { readonly wanted: readonly string[]; readonly optional?: readonly string[] },
): WordsAndRest {
  const { wanted, optional = [] } = names
  const taken = new Set<number>()
  const words: string[] = []
  for (const token of tokensOf(options, args)) {
    if (token.kind === 'option') continue
    taken.add(token.index)
    if (token.kind === 'positional') words.push(token.value)
  }
  if (words.length < wanted.length) throw misuse(`${wanted[words.length]} is missing`)
  const unexpected = words[wanted.length + optional.length]
  if (unexpected !== undefined) throw misuse(`unexpected argument "${unexpected}"`)
  return { words, rest: args.filter((_, at) => !taken.has(at)) }
}

/** A word that is a server's address; throws misuse for any other. */
export function webAddressIn(name: string, word: string): string {
  try {
    return webAddress(word)
  } catch (error) {
    if (!(error instanceof Wrong)) throw error
    throw misuse(`${name} ${error.message}${error.isSecret ? '' : `, not "${word}"`}`)
  }
}

function tokensOf(options: Options, args: readonly string[]) {
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { value }]) => [
      name,
      { type: value === undefined ? 'boolean' : 'string' } as const,
    ]),
  )
  return parseArgs({ args: [...args], options: config, strict: false, tokens: true }).tokens
}
