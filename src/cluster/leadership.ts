import type { Logger } from '../ports/index.ts'
import type { KeyPlan } from './key-plan.ts'
import {
  type LeadershipRecord,
  recordData,
  recordOf,
  recordPath,
  recordPattern,
} from './leadership-record.ts'
import type { Storages } from './storages.ts'

/** Who leads a key: as its record says, or without one as the configuration says. */
export interface Lead {
  /** Absent: this server, as its configuration has it. */
  readonly leader?: string
  /** Who led before the record. */
  readonly previous?: string
  /** When it was decided, nanoseconds since 1970; 0 by configuration. */
  readonly term: bigint
}

export interface LeadershipOptions {
  readonly storages: Storages
  readonly logger: Logger
  readonly onChange: () => void
}

/** The leadership records of a server's keys, as they stand in the storages of the keys. */
export class Leadership {
  readonly #options: LeadershipOptions
  readonly #records = new Map<string, LeadershipRecord>()
  readonly #stops = new Map<string, () => void>()

  constructor(options: LeadershipOptions) {
    this.#options = options
  }

  /** Reads what is written down about these keys, and hears of what will be. */
  async follow(keys: readonly KeyPlan[]): Promise<void> {
    const { storages } = this.#options
    for (const storage of new Set(keys.map((key) => key.storage))) {
      this.#stops.get(storage)?.()
      const own = keys.filter((key) => key.storage === storage)
      const heard = () => void this.#read(own)
      this.#stops.set(storage, storages.get(storage).state.observe(recordPattern, heard))
    }
    await this.#read(keys)
  }

  of({ path, leader, local }: KeyPlan): Lead {
    const record = local ? undefined : this.#records.get(path)
    if (record === undefined) return { ...(leader !== undefined && { leader }), term: 0n }
    return record
  }

  /** Writes down that a key is led from there from now on: later than whatever is known here (T5). */
  async decide(
    { path, storage }: KeyPlan,
    leader: string,
    previous: string | undefined,
    signal?: AbortSignal,
  ): Promise<void> {
    const data = recordData(path, leader, previous)
    const { state } = this.#options.storages.get(storage)
    await state.set(recordPath(path), data, signal === undefined ? {} : { signal })
    await this.#read([{ path, storage }])
  }

  close(): void {
    for (const stop of this.#stops.values()) stop()
    this.#stops.clear()
  }

  async #read(keys: readonly Pick<KeyPlan, 'path' | 'storage'>[]): Promise<void> {
    const { storages, logger, onChange } = this.#options
    let isNews = false
    for (const { path, storage } of keys) {
      try {
        const object = await storages.get(storage).state.get(recordPath(path))
        const record = recordOf(path, object)
        if (object !== undefined && record === undefined)
          logger.warn('what stands where the leader of a key is written down is no such record', {
            key: path,
            at: object.path,
          })
        const before = this.#records.get(path)
        if (record?.term === before?.term && record?.leader === before?.leader) continue
        isNews = true
        if (record === undefined) this.#records.delete(path)
        else this.#records.set(path, record)
      } catch (error) {
        logger.warn('the leader of a key could not be read', { key: path, error })
      }
    }
    if (isNews) onChange()
  }
}
