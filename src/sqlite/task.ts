import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { openForGood } from './frozen.ts'
import { judge } from './judge.ts'
import { isDamage, type Schema } from './schema.ts'
import { type Thrown, thrownBy } from './thrown.ts'

/** What takes too long for the event loop, or needs a process without locks on the file. */
export type Task =
  /** All that `integrity_check` and `foreign_key_check` find. */
  | { readonly kind: 'check'; readonly path: string }
  /** See judge.ts. */
  | { readonly kind: 'judge'; readonly path: string; readonly schema: Schema }
  /** A flushed copy as of now, at `to`. */
  | { readonly kind: 'copy'; readonly path: string; readonly to: string }

export interface Results {
  readonly check: readonly string[]
  readonly judge: 'new' | 'ours'
  readonly copy: null
}

export type Answer = { readonly result: Results[Task['kind']] } | { readonly failure: Thrown }

/** Where this module is, for the child process to load it: TypeScript here, JavaScript in the package. */
export const taskModule: string = import.meta.url

/** The whole life of the child process: one task from stdin, one answer to stdout. */
export function serveOneTask(): void {
  writeSync(1, JSON.stringify(answer(JSON.parse(readFileSync(0, 'utf8')) as Task)))
  // An orderly exit would close what is open; see frozen.ts.
  process.kill(process.pid, 'SIGKILL')
}

/** Leaves the file open: for a process that ends right after it. */
export function answer(task: Task): Answer {
  try {
    return { result: perform(task) }
  } catch (error) {
    return { failure: thrownBy(error) }
  }
}

function perform(task: Task): Results[Task['kind']] {
  if (task.kind === 'judge') return judge(task.path, task.schema)
  const db = openForGood(task.path, { timeout: 5_000 })
  return task.kind === 'check' ? check(db) : copy(db, task.to)
}

function check(db: DatabaseSync): string[] {
  try {
    const rows = db.prepare('PRAGMA integrity_check').all()
    const links = db.prepare('PRAGMA foreign_key_check').all()
    const problems = rows.map((row) => String(row.integrity_check)).filter((line) => line !== 'ok')
    return [...problems, ...links.map(({ table }) => `a row of ${table} refers to nothing`)]
  } catch (error) {
    if (isDamage(error)) return [(error as Error).message]
    throw error
  }
}

function copy(db: DatabaseSync, to: string): null {
  db.prepare('VACUUM INTO ?').run(to)
  const file = openSync(to, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  return null
}
