import { silentLogger } from '../../ports/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import type { BackupOptions } from '../../sqlite/index.ts'
import { SqliteEngine } from './sqlite-engine.ts'

/**
 * Puts a backup in place as a log of its own: checked, complete or not at all; an existing file is refused.
 * The restored log knows that it may be older than what others have seen: at the next contact the two
 * sides find out, and it goes on under a new origin.
 */
export async function restoreStore(
  from: string,
  to: string,
  options: BackupOptions = {},
): Promise<void> {
  const { signal } = options
  const engine = await SqliteEngine.open({
    path: from,
    readonly: true,
    runtime: systemRuntime,
    logger: silentLogger,
    ...(signal === undefined ? {} : { signal }),
  })
  try {
    await engine.file.backup(to, options)
  } finally {
    await engine.close()
  }
}
