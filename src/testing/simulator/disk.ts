import { RejoinError } from '../../errors/index.ts'
import type { Counts } from './counts.ts'
import { DiskFile } from './disk-file.ts'
import { type Fence, never } from './fence.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'

/** All files of a disk, as a backup would hold them. */
export type DiskImage = ReadonlyMap<string, Uint8Array>

/** What may be wrong with a disk for a while: every operation fails, or nothing more can be written. */
export type DiskState = 'fine' | 'failing' | 'full'

/**
 * An append-only file, as one life of a node has it open. When that life ends nothing here settles. While
 * the disk fails, what takes time rejects with `storage_io`.
 */
export interface OpenFile {
  /**
   * At once, and at once readable; safe from a crash only after a flush that began later. Throws
   * `storage_full` while the disk is full, with a part of it written.
   */
  append(data: string | Uint8Array): void
  /** Resolves once everything appended before the call survives any crash. */
  flush(): Promise<void>
  read(): Promise<Uint8Array>
  /** Cuts the file off; durable when it resolves. A crash before that leaves it cut or as it was. */
  truncate(length: number): Promise<void>
}

export interface DiskOptions {
  readonly name: string
  readonly scheduler: Scheduler
  readonly random: Random
  readonly counts: Counts
  /** Mean milliseconds of each half of an operation: until it is done, and until the caller hears of it. */
  readonly delay?: number
}

/** The disk of one machine. It outlives every crash, with what was flushed and a seeded part of the rest. */
export class Disk {
  state: DiskState = 'fine'
  readonly #options: DiskOptions
  readonly #failed = new WeakSet<Fence>()
  #files = new Map<string, DiskFile>()

  constructor(options: DiskOptions) {
    this.#options = options
  }

  /** Opens a file for one life of the node; a file that does not exist is empty. */
  open(name: string, fence: Fence): OpenFile {
    const file = this.#files.get(name) ?? new DiskFile()
    this.#files.set(name, file)
    return {
      append: (data) => {
        if (fence.isDown) return
        const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
        if (this.state === 'full') this.#refuse(file, bytes, fence)
        else file.append(bytes)
      },
      flush: () => {
        const { length } = file
        return this.#operation('flush', fence, () => file.flushTo(length))
      },
      read: () => this.#operation('read', fence, () => file.contents()),
      truncate: (length) => this.#operation('truncate', fence, () => file.truncate(length)),
    }
  }

  /** Whether an operation of that life has failed, perhaps without its knowing yet. */
  hasFailed(fence: Fence): boolean {
    return this.#failed.has(fence)
  }

  /** Bytes that a crash at this moment may take. */
  get unflushed(): number {
    let bytes = 0
    for (const file of this.#files.values()) bytes += file.unflushed
    return bytes
  }

  /** The power is cut. The fence of the life that used this disk must be down. */
  crash(): void {
    const { counts } = this.#options
    for (const [name, file] of this.#files) {
      const { kind, bytes } = file.afterCrash(this.#options.random)
      if (kind === 'torn') counts.tornWrites++
      if (kind === 'lost') counts.lostSuffixes++
      this.#files.set(name, new DiskFile(bytes))
    }
  }

  /** What is on the disk now, as a crash at this moment would leave it. */
  image(): DiskImage {
    const { random } = this.#options
    return new Map([...this.#files].map(([name, file]) => [name, file.afterCrash(random).bytes]))
  }

  /** What no crash can take. */
  durable(): DiskImage {
    return new Map([...this.#files].map(([name, file]) => [name, file.durable()]))
  }

  /** Nothing is left. */
  wipe(): void {
    this.#options.counts.wipes++
    this.#files = new Map()
  }

  /** An older image of this disk comes back. */
  restore(backup: DiskImage): void {
    this.#options.counts.restores++
    this.#become(backup)
  }

  /** This disk becomes a copy of another one. */
  copy(other: DiskImage): void {
    this.#options.counts.copies++
    this.#become(other)
  }

  #become(image: DiskImage): void {
    this.#files = new Map([...image].map(([name, bytes]) => [name, new DiskFile(bytes)]))
  }

  #refuse(file: DiskFile, bytes: Uint8Array, fence: Fence): never {
    const { random, counts } = this.#options
    counts.fullDisks++
    this.#failed.add(fence)
    file.append(bytes.subarray(0, random.int(0, bytes.length - 1)))
    throw failure('storage_full', 'append', 'the disk is full')
  }

  // Two steps, so that a crash can fall before the deed, and after it but before anybody knows.
  #operation<T>(label: string, fence: Fence, deed: () => T): Promise<T> {
    if (fence.isDown) return never()
    return new Promise((resolve, reject) => {
      this.#later(label, fence, () => {
        if (this.state === 'failing') {
          this.#options.counts.diskErrors++
          this.#failed.add(fence)
          const error = failure('storage_io', label, 'the disk has failed')
          return this.#later(`${label} failed`, fence, () => reject(error))
        }
        const result = deed()
        this.#later(`${label}ed`, fence, () => resolve(result))
      })
    })
  }

  #later(label: string, fence: Fence, run: () => void): void {
    const { name, scheduler, random, delay = 1 } = this.#options
    scheduler.after(random.exponential(delay), `${name} ${label}`, fence.guard(run))
  }
}

function failure(code: 'storage_io' | 'storage_full', operation: string, message: string) {
  return new RejoinError(code, message, { operation, component: 'simulator' })
}
