import { parseArgs } from 'node:util'
import { didYouMean } from '../../errors/did-you-mean.ts'
import { misuse } from '../misuse.ts'
import type { Option, Options, Values } from './option.ts'

/** Reads the arguments of a command; throws misuse for whatever its table of options doesn't allow. */
export function parseOptions<O extends Options>(options: O, args: readonly string[]): Values<O> {
  const given = givenTo(options, args)
  const values: Record<string, unknown> = {}
  for (const [name, option] of Object.entries(options))
    values[name] = option.read(given.get(name) ?? [], name)
  return values as Values<O>
}

function givenTo(options: Options, args: readonly string[]): Map<string, string[]> {
  const given = new Map<string, string[]>()
  for (const token of tokensOf(options, args)) {
    if (token.kind === 'positional')
      throw misuse(`unexpected argument "${token.value}"${asOption(options, token.value)}`)
    if (token.kind !== 'option') continue
    const { name, rawName, value, inlineValue = false } = token
    const option = Object.hasOwn(options, name) ? options[name] : undefined
    if (option === undefined) throw misuse(`unknown option ${rawName}${suggestion(options, name)}`)
    const text = textOf(option, { rawName, value, inlineValue })
    const before = given.get(name)
    if (before === undefined) given.set(name, [text])
    else if (option.value !== undefined && option.repeatable !== true)
      throw misuse(`${rawName} is given twice`)
    else before.push(text)
  }
  return given
}

function tokensOf(options: Options, args: readonly string[]) {
  const config = Object.fromEntries(
    Object.entries(options).map(([name, option]) => [
      name,
      { type: option.value === undefined ? 'boolean' : 'string' } as const,
    ]),
  )
  return parseArgs({ args: [...args], options: config, strict: false, tokens: true }).tokens
}

function textOf(
  option: Option<unknown>,
  token: { rawName: string; value: string | undefined; inlineValue: boolean },
): string {
  const { rawName, value, inlineValue } = token
  if (option.value === undefined) {
    if (inlineValue) throw misuse(`${rawName} takes no value`)
    return ''
  }
  if (value === undefined) throw misuse(`${rawName} needs a value: ${rawName} ${option.value}`)
  // `--data --memory`: the value was forgotten.
  if (!inlineValue && value.startsWith('-') && value !== '-')
    throw misuse(
      `${rawName} needs a value; one that begins with "-" is given as ${rawName}=${value}`,
    )
  return value
}

function suggestion(options: Options, name: string): string {
  return didYouMean(
    `--${name}`,
    Object.keys(options).map((one) => `--${one}`),
  )
}

function asOption(options: Options, word: string): string {
  return Object.hasOwn(options, word) ? `; did you mean "--${word}"?` : ''
}
