import type { Command } from './command.ts'
import { type CommandName, summaries } from './summaries.ts'

/** In the order of the overview. */
export const commandNames = Object.keys(summaries) as readonly CommandName[]

/** The first words of commands that have two, such as `cluster status`. */
export const groupNames: readonly string[] = [
  ...new Set(commandNames.flatMap((name) => groupOf(name) ?? [])),
]

/** The names of the commands that begin with a word. */
export function namesIn(group: string): readonly CommandName[] {
  return commandNames.filter((name) => groupOf(name) === group)
}

/** What a line is about: the name of a command, of one word or two, and what follows it. */
export function nameIn(args: readonly string[]): {
  name: string | undefined
  rest: readonly string[]
} {
  const [first, second, ...rest] = args
  const isGroup = first !== undefined && groupNames.includes(first)
  if (!isGroup || second === undefined || second.startsWith('-'))
    return { name: first, rest: args.slice(1) }
  return { name: `${first} ${second}`, rest }
}

/** Loads one command and what it needs, which is a fraction of what all of them do; `undefined` for an unknown name. */
export async function commandNamed(name: string): Promise<Command | undefined> {
  return isCommand(name) ? loaders[name]() : undefined
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(loaders, name)
}

const loaders: Readonly<Record<CommandName, () => Promise<Command>>> = {
  serve: async () => (await import('./commands/serve.ts')).serve,
  append: async () => (await import('./commands/append.ts')).append,
  sync: async () => (await import('./commands/sync.ts')).sync,
  log: async () => (await import('./commands/log.ts')).log,
  status: async () => (await import('./commands/status.ts')).status,
  conflicts: async () => (await import('./commands/conflicts.ts')).conflicts,
  'dead-letters': async () => (await import('./commands/dead-letters.ts')).deadLetters,
  rebuild: async () => (await import('./commands/rebuild.ts')).rebuild,
  verify: async () => (await import('./commands/verify.ts')).verify,
  backup: async () => (await import('./commands/backup.ts')).backup,
  restore: async () => (await import('./commands/restore.ts')).restore,
  rules: async () => (await import('./commands/rules.ts')).rules,
  compact: async () => (await import('./commands/compact.ts')).compact,
  erase: async () => (await import('./commands/erase.ts')).erase,
  get: async () => (await import('./state/reading.ts')).get,
  list: async () => (await import('./state/reading.ts')).list,
  set: async () => (await import('./state/writing.ts')).set,
  push: async () => (await import('./state/writing.ts')).push,
  patch: async () => (await import('./state/writing.ts')).patch,
  del: async () => (await import('./state/writing.ts')).del,
  watch: async () => (await import('./state/watching.ts')).watch,
  'cluster status': async () => (await import('./cluster/cluster-status.ts')).clusterStatus,
  'cluster promote': async () => (await import('./cluster/cluster-promote.ts')).clusterPromote,
}

function groupOf(name: string): string | undefined {
  return name.includes(' ') ? name.slice(0, name.indexOf(' ')) : undefined
}
