import { type FSWatcher, watch } from 'node:fs'

export interface FileWatch {
  /** False once the system can't be asked about the file: then somebody has to look. */
  readonly isReliable: boolean
  close(): void
}

/** Calls back when the file is written to, by whomever. Does not keep the process alive. */
export function watchFile(path: string, changed: () => void): FileWatch {
  let watcher: FSWatcher | undefined
  const close = () => {
    watcher?.close()
    watcher = undefined
  }
  try {
    watcher = watch(path, { persistent: false }, changed)
    // Watches are scarce, and some file systems have none.
    watcher.on('error', () => {
      close()
      changed()
    })
  } catch {
    watcher = undefined
  }
  return {
    get isReliable() {
      return watcher !== undefined
    },
    close,
  }
}
