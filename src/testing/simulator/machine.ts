import type { EventStore } from '../../contracts/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { type Journal, MemoryStore } from '../../store/memory/index.ts'
import type { Counts } from './counts.ts'
import type { Disk } from './disk.ts'
import { diskJournal } from './disk-journal.ts'
import { Fence } from './fence.ts'
import type { NodeClock } from './node-clock.ts'
import { nodeRuntime } from './node-runtime.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'
import type { Trace } from './trace.ts'

/** One run of a node's process, from its start to its crash. */
export interface Life {
  readonly fence: Fence
  readonly runtime: Runtime
  readonly store: EventStore
}

export interface MachineOptions {
  readonly name: string
  readonly disk: Disk
  readonly clock: NodeClock
  readonly scheduler: Scheduler
  readonly random: Random
  readonly trace: Trace
  readonly counts: Counts
  /** What the store writes through. */
  readonly journal: (journal: Journal) => Journal
  /** What everybody else sees of the store. */
  readonly store: (store: EventStore, runtime: Runtime) => EventStore
  readonly onUp: (life: Life) => void
  /** The disk failed this life, which goes on until somebody ends it. */
  readonly onDiskFailure: (error: unknown) => void
  readonly onBroken: (error: unknown) => void
}

/** A node's hardware: its disk and clock survive, its process comes and goes. */
export class Machine {
  readonly name: string
  readonly disk: Disk
  readonly clock: NodeClock
  readonly #options: MachineOptions
  #fence: Fence | undefined
  #life: Life | undefined
  #lives = 0

  constructor(options: MachineOptions) {
    this.#options = options
    this.name = options.name
    this.disk = options.disk
    this.clock = options.clock
  }

  /** The process, once its store is open. */
  get life(): Life | undefined {
    return this.#life
  }

  /** Whether there is power, if only to read the disk. */
  get isOn(): boolean {
    return this.#fence !== undefined
  }

  /** Whether the disk has failed this process, which can't go on then. */
  get isBroken(): boolean {
    return this.isBrokenLater()()
  }

  /** The same of the process that runs now, to be asked when it may be over. */
  isBrokenLater(): () => boolean {
    const fence = this.#fence
    return () => fence !== undefined && this.disk.hasFailed(fence)
  }

  boot(): void {
    if (this.#fence !== undefined) return
    const { name, onUp, trace } = this.#options
    const fence = new Fence()
    this.#fence = fence
    const runtime = this.#runtimeOf(fence)
    const up = fence.guard((store: EventStore) => {
      this.#life = { fence, runtime, store: this.#options.store(store, runtime) }
      trace.note(`${name} is up`)
      onUp(this.#life)
    })
    const down = fence.guard((error: unknown) => this.#notOpened(fence, error))
    this.#open(fence, runtime).then(up, down)
  }

  /** Cuts the power; does nothing while there is none. */
  crash(): void {
    if (this.#fence === undefined) return
    this.#options.counts.crashes++
    this.#stop('crashes')
  }

  /** The process gives up, as one does whose disk has failed; of what was not flushed luck decides. */
  giveUp(): void {
    if (this.#fence !== undefined) this.#stop('gives up')
  }

  #stop(how: string): void {
    const { counts, trace, name } = this.#options
    const before = { ...counts }
    this.#fence?.drop()
    this.#fence = undefined
    this.#life = undefined
    this.disk.crash()
    const torn = counts.tornWrites > before.tornWrites ? ', a write is torn' : ''
    const lost = counts.lostSuffixes > before.lostSuffixes ? ', a write is lost' : ''
    trace.note(`${name} ${how}${torn}${lost}`)
  }

  #runtimeOf(fence: Fence): Runtime {
    const { name, scheduler, clock, random } = this.#options
    // Another life draws other numbers, as another process would.
    const fork = random.fork(`life ${this.#lives++}`)
    return nodeRuntime({ name, scheduler, random: fork, clock, fence })
  }

  #open(fence: Fence, runtime: Runtime): Promise<EventStore> {
    const { name, journal } = this.#options
    const opened = journal(this.#supervised(diskJournal(this.disk, logFile, fence), fence))
    return MemoryStore.open({ runtime, node: name, journal: opened })
  }

  #supervised(journal: Journal, fence: Fence): Journal {
    const failed = fence.guard((error: unknown) => this.#options.onDiskFailure(error))
    return {
      ...journal,
      append(record) {
        const appended = journal.append(record)
        appended.catch(failed)
        return appended
      },
    }
  }

  #notOpened(fence: Fence, error: unknown): void {
    const { onBroken, onDiskFailure } = this.#options
    if (this.disk.hasFailed(fence)) onDiskFailure(error)
    else onBroken(error)
  }
}

/** Where a machine's log stands on its disk. */
export const logFile = 'log'
