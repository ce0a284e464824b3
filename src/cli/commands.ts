import { append } from './append.ts'
import { backup } from './backup.ts'
import type { Command } from './command.ts'
import { conflicts } from './conflicts.ts'
import { deadLetters } from './dead-letters.ts'
import { erase } from './erase.ts'
import { log } from './log.ts'
import { restore } from './restore.ts'
import { rules } from './rules.ts'
import { serve } from './serve.ts'
import { status } from './status.ts'
import { sync } from './sync.ts'
import { verify } from './verify.ts'

/** Every command, in the order of the overview. */
export const commands: readonly Command[] = [
  serve,
  append,
  sync,
  log,
  status,
  conflicts,
  deadLetters,
  verify,
  backup,
  restore,
  rules,
  erase,
]
