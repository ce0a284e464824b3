import { didYouMean } from '../errors/did-you-mean.ts'
import type { Command } from './command.ts'
import type { CommandIo } from './command-io.ts'
import { allCommands, commandNamed, commandNames } from './commands.ts'
import { commandHelp, overview } from './help.ts'
import { exitCodeOf } from './interruption.ts'
import { isMisuse, misuse } from './misuse.ts'
import { errorLine } from './terminal/error-line.ts'
import { version } from './version.ts'

/**
 * Runs one command line, such as `['log', '--store', 'notes.db']`, and answers with its exit code. Never
 * rejects: whatever goes wrong is one line on standard error.
 */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const name = args[0]
  try {
    return await dispatch(args, io)
  } catch (error) {
    if (io.signal.aborted) return exitCodeOf(io.signal.reason)
    if (io.env.REJOIN_DEBUG) await io.err.line(stackOf(error))
    const prefix = commandNames().includes(name ?? '') ? `rejoin ${name}` : 'rejoin'
    await io.err.line(
      `${prefix}: ${errorLine(error)}${isMisuse(error) ? ` (see ${prefix} --help)` : ''}`,
    )
    return isMisuse(error) ? 2 : 1
  }
}

async function dispatch(args: readonly string[], io: CommandIo): Promise<number> {
  const [name, ...rest] = args
  const { out, err } = io
  if (name === undefined) {
    await err.write(overview(await allCommands(), err.style))
    return 2
  }
  if (name === '--version' || name === '-v') return say(io, `${version()}\n`)
  if (name === '--help' || name === '-h' || (name === 'help' && rest.length === 0))
    return say(io, overview(await allCommands(), out.style))
  if (name === 'help') return say(io, commandHelp(await named(rest[0] as string), out.style))
  const command = await named(name)
  if (rest.includes('--help') || rest.includes('-h'))
    return say(io, commandHelp(command, out.style))
  return command.start(rest, io)
}

async function named(name: string): Promise<Command> {
  const command = await commandNamed(name)
  if (command !== undefined) return command
  if (name.startsWith('-'))
    throw misuse(
      `unknown option ${name}${didYouMean(name, ['--help', '--version'])}; the command comes first`,
    )
  throw misuse(`unknown command "${name}"${didYouMean(name, commandNames())}`)
}

async function say({ out }: CommandIo, text: string): Promise<number> {
  await out.write(text)
  return 0
}

function stackOf(error: unknown): string {
  return error instanceof Error ? String(error.stack) : String(error)
}
