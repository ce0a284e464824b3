import { closeSync, fsyncSync, openSync, readFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { openForReading, openLeftOver } from './frozen.ts'
import { isDamage, type Schema, schemaProblem } from './schema.ts'

/** What takes too long for the event loop, or needs a process without locks on the file. */
export type Task =
  /** All that `integrity_check` and `foreign_key_check` find. */
  | { readonly kind: 'check'; readonly path: string }
  /** `schemaProblem` over the main file and its WAL, without a trace. */
  | { readonly kind: 'schema'; readonly path: string; readonly schema: Schema }
  /** A flushed copy as of now, at `to`. */
  | { readonly kind: 'copy'; readonly path: string; readonly to: string }

export type Answer = { readonly problems: readonly string[] } | { readonly failure: Failure }

interface Failure {
  readonly message: string
  readonly code?: string
  readonly errcode?: number
}

/** Where this module is, for the child process to load it: TypeScript here, JavaScript in the package. */
export const taskModule: string = import.meta.url

/** The whole life of the child process: one task from stdin, one answer to stdout. */
export function serveOneTask(): void {
  process.stdout.write(JSON.stringify(answer(JSON.parse(readFileSync(0, 'utf8')) as Task)))
}

export function answer(task: Task): Answer {
  try {
    return { problems: perform(task) }
  } catch (error) {
    const { message, code, errcode } = error as Failure
    return { failure: { message, ...(code && { code }), ...(errcode && { errcode }) } }
  }
}

function perform(task: Task): readonly string[] {
  const db =
    task.kind === 'schema' ? openLeftOver(task.path) : openForReading(task.path, { timeout: 5_000 })
  try {
    switch (task.kind) {
      case 'check':
        return check(db)
      case 'schema':
        return [schemaProblem(db, task.schema) ?? []].flat()
      case 'copy':
        return copy(db, task.to)
    }
  } finally {
    db.close()
  }
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

function copy(db: DatabaseSync, to: string): string[] {
  db.prepare('VACUUM INTO ?').run(to)
  const file = openSync(to, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  return []
}
