import type { Logger } from '../../ports/index.ts'
import type { KeyPlan } from '../configuration/key-plan.ts'
import { recordPattern } from '../configuration/own-paths.ts'
import type { Storages } from '../configuration/storages.ts'
import { type LeadershipRecord, recordData, recordOf, recordPath } from './leadership-record.ts'

/** Who leads a key: as its record says, or without one as the configuration says. */
export interface Lead {
  /** Absent: this server, as its configuration has it. */
  readonly leader?: string
  /** Who led before the record. */
  readonly previous?: string
  /** When it was decided, nanoseconds since 1970; 0 by configuration. */
  readonly term: bigint
}

/** A key whose leader somebody decides, and who led it before. */
export interface Decided {
  readonly key: KeyPlan
  readonly previous: string | undefined
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

  /**
   * Writes down that these keys are led from there from now on: later than whatever is known here (T5). All of one storage
   * in one commit, so that a crash leaves none of them behind; from more than 1,000 keys on, in some.
   */
  async decide(decided: readonly Decided[], leader: string, signal?: AbortSignal): Promise<void> {
    for (const [storage, own] of Map.groupBy(decided, ({ key }) => key.storage)) {
      const writes = own.map(({ key: { path }, previous }) => ({
        set: recordPath(path),
        data: recordData(path, leader, previous),
      }))
      const { state } = this.#options.storages.get(storage)
      for (let at = 0; at < writes.length; at += mostAtOnce)
        await state.write(writes.slice(at, at + mostAtOnce), signal === undefined ? {} : { signal })
      await this.#read(own.map(({ key }) => key))
    }
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

/** Writes that a tree takes in one commit. */
const mostAtOnce = 1_000
