/** What each command is for, in one line, in the order of the overview: all that `rejoin --help` has to load. */
export const summaries = {
  serve: 'serve an event log that others sync with, and state',
  append: 'append events from standard input, one JSON object a line',
  sync: 'exchange events with a server',
  log: 'print the events of a log',
  status: 'show what a log holds and what is not synced',
  conflicts: 'show what was written at the same time, and what became of it',
  'dead-letters': 'show what could not be folded, handled or delivered',
  rebuild: 'fold read models anew while the old results are read',
  verify: 'read a whole log again and check it',
  backup: 'copy a log while it is in use',
  restore: 'make a log from a backup, or bring back an event that lost a conflict',
  rules: 'check a file of rules for conflicts',
  compact: 'drop the content of events that a snapshot stands for',
  erase: 'erase the content of events, everywhere and for good',
  get: 'print what stands at a path of a state server',
  list: 'print what matches a pattern',
  set: 'write to a path of a state server',
  push: 'write a new object to a list',
  patch: 'change a part of what stands at a path',
  del: 'delete what stands at a path, or matches a pattern',
  watch: 'print what stands at a path or matches a pattern, and each change',
  'cluster status': 'show who leads what, who is there, and what waits',
  'cluster promote': 'make a server the leader, without losing a write',
} as const satisfies Readonly<Record<string, string>>

export type CommandName = keyof typeof summaries
