import type { Command } from './command.ts'
import { append } from './commands/append.ts'
import { backup } from './commands/backup.ts'
import { compact } from './commands/compact.ts'
import { conflicts } from './commands/conflicts.ts'
import { deadLetters } from './commands/dead-letters.ts'
import { erase } from './commands/erase.ts'
import { log } from './commands/log.ts'
import { rebuild } from './commands/rebuild.ts'
import { restore } from './commands/restore.ts'
import { rules } from './commands/rules.ts'
import { serve } from './commands/serve.ts'
import { status } from './commands/status.ts'
import { sync } from './commands/sync.ts'
import { verify } from './commands/verify.ts'
import { get, list } from './state/reading.ts'
import { watch } from './state/watching.ts'
import { del, patch, push, set } from './state/writing.ts'

/** Every command, in the order of the overview. */
export const commands: readonly Command[] = [
  serve,
  append,
  sync,
  log,
  status,
  conflicts,
  deadLetters,
  rebuild,
  verify,
  backup,
  restore,
  rules,
  compact,
  erase,
  get,
  list,
  set,
  push,
  patch,
  del,
  watch,
]
