import { didYouMean } from '../errors/did-you-mean.ts'
import type { Command } from './command.ts'
import type { CommandIo } from './command-io.ts'
import { commandNamed, commandNames, groupNames, nameIn, namesIn } from './commands.ts'
import { commandHelp, groupHelp, overview } from './help.ts'
import { exitCodeOf } from './interruption.ts'
import { isMisuse, misuse } from './misuse.ts'
import { errorLine } from './terminal/error-line.ts'
import { version } from './version.ts'

/**
 * Runs one command line, such as `['log', '--store', 'notes.db']`, and answers with its exit code. Never
 * rejects: whatever goes wrong is one line on standard error.
 */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const { name = '' } = nameIn(args)
  try {
    return await dispatch(args, io)
  } catch (error) {
    if (io.signal.aborted) return exitCodeOf(io.signal.reason)
    if (io.env.REJOIN_DEBUG) await io.err.line(stackOf(error))
    const prefix = [...commandNames, ...groupNames].includes(name) ? `rejoin ${name}` : 'rejoin'
    await io.err.line(
      `${prefix}: ${errorLine(error)}${isMisuse(error) ? ` (see ${prefix} --help)` : ''}`,
    )
    return isMisuse(error) ? 2 : 1
  }
}

async function dispatch(args: readonly string[], io: CommandIo): Promise<number> {
  const { name, rest } = nameIn(args)
  const { out, err } = io
  if (name === undefined) {
    await err.write(overview(err.style))
    return 2
  }
  if (name === '--version' || name === '-v') return say(io, `${version()}\n`)
  if (name === '--help' || name === '-h' || (name === 'help' && rest.length === 0))
    return say(io, overview(out.style))
  if (name === 'help') return say(io, await helpOf(nameIn(rest).name as string, io))
  const wantsHelp = rest.includes('--help') || rest.includes('-h')
  if (wantsHelp) return say(io, await helpOf(name, io))
  return (await named(name)).start(rest, io)
}

async function helpOf(name: string, { out }: CommandIo): Promise<string> {
  if (groupNames.includes(name))
    return groupHelp(name, await Promise.all(namesIn(name).map(named)), out.style)
  return commandHelp(await named(name), out.style)
}

async function named(name: string): Promise<Command> {
  const command = await commandNamed(name)
  if (command !== undefined) return command
  if (name.startsWith('-'))
    throw misuse(
      `unknown option ${name}${didYouMean(name, ['--help', '--version'])}; the command comes first`,
    )
  if (groupNames.includes(name)) {
    const seconds = namesIn(name).map((one) => one.slice(name.length + 1))
    throw misuse(`say what: ${seconds.join(' or ')}`)
  }
  const meant = didYouMean(name, [...commandNames, ...groupNames])
  throw misuse(`unknown command "${name}"${meant}`)
}

async function say({ out }: CommandIo, text: string): Promise<number> {
  await out.write(text)
  return 0
}

function stackOf(error: unknown): string {
  return error instanceof Error ? String(error.stack) : String(error)
}
