import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { RejoinError } from '../errors/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { runInChild } from './child.ts'
import { describeFailure } from './failure.ts'

export interface BackupOptions {
  /** Now and then, with how much is written; the total is an estimate. */
  readonly onProgress?: (progress: BackupProgress) => void
  readonly signal?: AbortSignal
}

export interface BackupProgress {
  readonly writtenBytes: number
  readonly totalBytes: number
}

/**
 * Copies the file as it stands now to `to`, while it stays in use. The copy is compacted, flushed and
 * appears under its name only when it is whole. An existing target is refused with `invalid_argument`.
 */
export async function backup(
  path: string,
  to: string,
  runtime: Runtime,
  { onProgress, signal }: BackupOptions,
): Promise<void> {
  if (path === ':memory:') throw refused('there is no file to copy', to)
  const target = resolve(to)
  refuseExisting(target)
  const suffix = Buffer.from(runtime.randomBytes(6)).toString('hex')
  const unfinished = join(dirname(target), `.${basename(target)}.${suffix}.partial`)
  const stop = onProgress && watchSize(runtime, unfinished, path, onProgress)
  try {
    await runInChild({ kind: 'copy', path, to: unfinished }, signal)
    appear(unfinished, target)
  } catch (error) {
    throw describeFailure(error, target, 'backup')
  } finally {
    stop?.()
    for (const ending of ['', '-journal']) rmSync(unfinished + ending, { force: true })
  }
}

function refuseExisting(target: string): void {
  if (existsSync(target)) throw refused(`${target} exists; a backup never overwrites`, target)
}

function refused(message: string, path: string): RejoinError {
  const init = { operation: 'backup', component: 'sqlite', details: { path } }
  return new RejoinError('invalid_argument', message, init)
}

/** Gives the finished file its name, without replacing one that has come to be there meanwhile. */
function appear(unfinished: string, target: string): void {
  try {
    linkSync(unfinished, target)
  } catch (error) {
    refuseExisting(target)
    // Some file systems know no links.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error
    renameSync(unfinished, target)
  }
  flushFolder(dirname(target))
}

function flushFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function watchSize(
  runtime: Runtime,
  unfinished: string,
  source: string,
  onProgress: (progress: BackupProgress) => void,
): () => void {
  const size = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0
  const report = () => {
    onProgress({ writtenBytes: size(unfinished), totalBytes: size(source) })
    timer = runtime.timer(100, report)
  }
  let timer = runtime.timer(100, report)
  return () => timer.cancel()
}
