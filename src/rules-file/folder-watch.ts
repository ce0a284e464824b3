import { type FSWatcher, watch } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/**
 * Calls back when something happens in the folder of a file, or in the one that a link leads to. A watch on
 * the file itself would stay with the old one when another is moved into its place. May miss what happens
 * where the system can't tell, so somebody has to look now and then. Does not keep the process alive.
 */
export class FolderWatch {
  readonly #path: string
  readonly #changed: () => void
  readonly #watchers = new Map<string, FSWatcher>()
  #isClosed = false

  constructor(path: string, changed: () => void) {
    this.#path = resolve(path)
    this.#changed = changed
    this.#follow([dirname(this.#path)])
  }

  /** Links may lead elsewhere by now. */
  async refresh(): Promise<void> {
    const target = await realpath(this.#path).catch(() => this.#path)
    if (!this.#isClosed) this.#follow([...new Set([dirname(this.#path), dirname(target)])])
  }

  close(): void {
    this.#isClosed = true
    this.#follow([])
  }

  #follow(folders: readonly string[]): void {
    for (const [folder, watcher] of this.#watchers) {
      if (folders.includes(folder)) continue
      watcher.close()
      this.#watchers.delete(folder)
    }
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#watch(folder)
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, this.#changed)
      this.#watchers.set(folder, watcher)
      // Watches are scarce, and some file systems have none; it is tried again at the next refresh.
      watcher.on('error', () => {
        watcher.close()
        this.#watchers.delete(folder)
        this.#changed()
      })
    } catch {}
  }
}
