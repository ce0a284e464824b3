import { accessSync, chmodSync, constants, statSync } from 'node:fs'

/**
 * SQLite gives the files beside the main file its permissions of the moment. When the main file may be
 * written again, they still may not, and every write fails; so they follow it here.
 */
export function alignPermissions(path: string): void {
  if (!isWritable(path)) return
  for (const beside of [`${path}-wal`, `${path}-shm`]) {
    if (isWritable(beside)) continue
    try {
      chmodSync(beside, statSync(path).mode & 0o777)
    } catch {
      // Absent, or somebody else's: SQLite says whether that matters.
    }
  }
}

/** Whether this process may write to a file or folder; undefined when there is none. */
export function isWritable(path: string): boolean | undefined {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'EACCES' || code === 'EROFS' || code === 'EPERM' ? false : undefined
  }
}
