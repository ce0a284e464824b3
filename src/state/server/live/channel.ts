import { matchesPattern, type StateObject } from '../../../contracts/index.ts'
import type { Logger } from '../../../ports/index.ts'
import type { Position } from '../../../version/index.ts'
import type { Notice, State } from '../../state.ts'
import type { Reading } from '../filters.ts'
import { FilteredList } from './filtered-list.ts'
import { LiveList } from './live-list.ts'
import { LiveObject } from './live-object.ts'
import type { LiveValue } from './live-value.ts'
import { type Message, messageOf } from './message.ts'

export interface ChannelOptions {
  readonly state: State
  readonly reading: Reading
  /** How versions look from outside. */
  readonly version: (version: string) => string
  readonly manners: BroadcastManners
  readonly logger: Logger
}

/** How changes are told. */
export interface BroadcastManners {
  /** Never a snapshot because it is smaller. */
  readonly forcePatch: boolean
  /** Always a snapshot. */
  readonly noPatch: boolean
  /** Patterns of paths whose changes are not told until something else is. */
  readonly silent: readonly string[]
}

/** Somebody who takes a channel's messages. */
export interface Member {
  deliver(message: Message): void
}

/**
 * One pattern's value and who follows it. Each change becomes one message, whose buffer all members share.
 *
 *     observe -> snapshot -> changes after it, in feed order -> members
 */
export class Channel {
  readonly #options: ChannelOptions
  readonly #members = new Set<Member>()
  readonly #early: Notice[] = []
  readonly #stop: () => void
  #value: LiveValue | undefined
  #position = 0n as Position
  #changedAt = 0n as Position
  #version = ''
  #snapshot: Message | undefined
  #isBehind = false
  #isReading = false
  #refusal: unknown

  /** Rejects with what the state rejects with, or a refusal of a filter. */
  static async open(options: ChannelOptions): Promise<Channel> {
    const channel = new Channel(options)
    try {
      await channel.#fill()
      return channel
    } catch (error) {
      channel.close()
      throw error
    }
  }

  private constructor(options: ChannelOptions) {
    this.#options = options
    const { state, reading } = options
    this.#stop = state.observe(reading.pattern, (notice: Notice) => this.#heard(notice))
  }

  /** The feed position that the value is of. */
  get position(): Position {
    return this.#position
  }

  /** Of the last change that was heard. */
  get changedAt(): Position {
    return this.#changedAt
  }

  get size(): number {
    return this.#members.size
  }

  /** The value as it is now; the same message as long as nothing changes. */
  get snapshot(): Message {
    this.#snapshot ??= this.#message((this.#value as LiveValue).text, true)
    return this.#snapshot
  }

  /** What the filter has thrown, when it refused to show what stands there now. */
  get refusal(): unknown {
    return this.#refusal
  }

  /** Every later message goes to it, none twice. */
  join(member: Member): void {
    this.#members.add(member)
  }

  leave(member: Member): void {
    this.#members.delete(member)
  }

  close(): void {
    this.#stop()
  }

  async #fill(): Promise<void> {
    await this.#read()
    this.#hearEarly()
  }

  /** Not all that has changed was told: members begin anew. */
  async #refill(): Promise<void> {
    if (this.#isReading) return
    try {
      await this.#read()
      this.#changedAt = this.#position
      for (const member of this.#members) member.deliver(this.snapshot)
    } catch (error) {
      const { pattern } = this.#options.reading
      this.#options.logger.warn('what subscribers follow could not be read', { pattern, error })
    }
    this.#hearEarly()
  }

  async #read(): Promise<void> {
    const { state, reading } = this.#options
    const { pattern } = reading
    const isList = pattern.includes('*')
    this.#isReading = true
    try {
      const { objects, position, version } = await state.snapshot(pattern)
      this.#value = isList
        ? listOf(reading, objects, (error) => this.#filterFailed(error))
        : objectOf(reading, objects[0], (error) => this.#filterFailed(error))
      this.#position = position
      this.#version = version
      this.#snapshot = undefined
    } finally {
      this.#isReading = false
    }
  }

  #hearEarly(): void {
    for (const notice of this.#early.splice(0)) this.#heard(notice)
  }

  #heard(notice: Notice): void {
    const value = this.#value
    if (value === undefined || this.#isReading) return void this.#early.push(notice)
    if (notice.behind) return void this.#refill()
    // Of what came while the snapshot was read it has some already.
    const changes = notice.changes.filter(({ position }) => position > this.#position)
    if (changes.length === 0) return
    this.#refusal = undefined
    const patch = value.apply(changes)
    this.#position = this.#changedAt = notice.position
    this.#version = notice.version
    this.#snapshot = undefined
    if (patch?.length === 0 && !this.#isBehind) return
    const { silent } = this.#options.manners
    if (changes.every(({ path }) => silent.some((own) => matchesPattern(own, path)))) {
      this.#isBehind = true
      return
    }
    const message = this.#isBehind ? this.snapshot : this.#told(value, patch)
    this.#isBehind = false
    for (const member of this.#members) member.deliver(message)
  }

  #told(value: LiveValue, patch: readonly string[] | undefined): Message {
    const { forcePatch, noPatch } = this.#options.manners
    if (patch === undefined || noPatch) return this.snapshot
    const text = `[${patch.join(',')}]`
    return text.length < value.size || forcePatch ? this.#message(text, false) : this.snapshot
  }

  #message(data: string, snapshot: boolean): Message {
    const version = this.#options.version(this.#version)
    return messageOf(data, { position: this.#position, version, snapshot })
  }

  #filterFailed(error: unknown): void {
    const { pattern } = this.#options.reading
    this.#refusal = error
    this.#options.logger.warn('a read filter threw', { pattern, error })
  }
}

/** What a filter refuses to show is not there for those who follow already. */
function listOf(
  { show, showAll, oldestFirst }: Reading,
  objects: readonly StateObject[],
  failed: (error: unknown) => void,
): LiveValue {
  const list = new LiveList({ objects, oldestFirst, show })
  if (showAll === undefined) return list
  return new FilteredList(list, (all) => orElse(() => showAll(all), [], failed))
}

function objectOf(
  { show }: Reading,
  object: StateObject | undefined,
  failed: (error: unknown) => void,
): LiveValue {
  return new LiveObject(object, (one) => orElse(() => show(one), undefined, failed))
}

function orElse<T>(work: () => T, otherwise: T, failed: (error: unknown) => void): T {
  try {
    return work()
  } catch (error) {
    failed(error)
    return otherwise
  }
}
