import { resolve } from 'node:path'
import { runInChild } from './child.ts'
import { describeFailure } from './failure.ts'

/**
 * Reads the whole file in a child process and tells what is wrong with it: nothing when it is sound.
 * The file may be in use, and is not changed. Rejects with `storage_*` when it can't be read at all, and
 * with the signal's reason.
 */
export async function integrityCheck(
  path: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const file = resolve(path)
  try {
    return await runInChild({ kind: 'check', path: file }, signal)
  } catch (error) {
    throw describeFailure(error, file, 'verify')
  }
}
