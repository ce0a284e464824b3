import { spawnSync } from 'node:child_process'
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** A disk of a few MiB that a test may fill to the last block. */
export class SmallDisk implements Disposable {
  readonly path: string

  /** Undefined where this user may not mount one. */
  static mount(folder: string, megabytes: number): SmallDisk | undefined {
    const path = join(folder, 'disk')
    mkdirSync(path)
    const { status } = run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path)
    return status === 0 ? new SmallDisk(path) : undefined
  }

  private constructor(path: string) {
    this.path = path
  }

  /** Leaves only so many blocks of 4 KiB free. */
  fill(blocks: number): void {
    const file = openSync(this.#ballast, 'a')
    let size = 0
    try {
      for (const block = Buffer.alloc(4096); ; ) size += writeSync(file, block)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      ftruncateSync(file, size - blocks * 4096)
    } finally {
      closeSync(file)
    }
  }

  free(): void {
    rmSync(this.#ballast)
  }

  get #ballast(): string {
    return join(this.path, 'ballast')
  }

  [Symbol.dispose](): void {
    const { status, stderr } = run('umount', this.path)
    if (status !== 0) throw new Error(`${this.path} is still mounted: ${stderr}`)
  }
}

function run(program: string, ...args: readonly string[]) {
  return spawnSync(program, args, { encoding: 'utf8' })
}
