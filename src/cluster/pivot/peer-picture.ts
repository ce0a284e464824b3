import { timeOf } from '../../contracts/index.ts'
import type { PeerList } from './peer-list.ts'

/**
 * What a server of the original had under a key when it was last asked for all of it, and what it was sent since.
 * As long as its activity is what that comes to, nobody else has been there, as far as 2.0 lets anybody tell.
 */
export class PeerPicture {
  readonly #times = new Map<string, bigint>()
  readonly #sent = new Set<string>()
  #latest = 0n
  /** Its activity when it was asked, perhaps a delete time. */
  #base: bigint
  #wasSent = false
  /** A delete time may stand there, which nobody can foretell. */
  #isClouded = false

  /** When it was asked, on this process's clock for durations. */
  readonly at: number

  constructor({ objects }: PeerList, activity: bigint, at: number) {
    this.at = at
    for (const [path, object] of objects) this.#set(path, timeOf(object))
    this.#base = activity
  }

  isAt(activity: bigint): boolean {
    if (!this.#wasSent) return this.#base === activity
    return !this.#isClouded && this.#latest === activity
  }

  /** From that activity to this one only what was sent from here has come; from now on, this one counts. */
  leadsOn(from: bigint | undefined, activity: bigint): boolean {
    if (this.#base !== from || !this.isAt(activity)) return false
    this.#base = activity
    return true
  }

  /** Whatever is later than this moves its activity. */
  get latest(): bigint {
    return this.#latest > this.#base ? this.#latest : this.#base
  }

  /** Of what stands there; `undefined` for nothing. */
  timeAt(path: string): bigint | undefined {
    return this.#times.get(path)
  }

  /** It is what was sent from here. */
  isOurs(path: string): boolean {
    return this.#sent.has(path)
  }

  written(path: string, time: bigint): void {
    this.#set(path, time)
    this.#sent.add(path)
    this.#wasSent = true
  }

  deleted(path: string): void {
    this.#times.delete(path)
    this.#sent.delete(path)
    this.#wasSent = true
    this.#isClouded = true
  }

  #set(path: string, time: bigint): void {
    this.#times.set(path, time)
    if (time > this.#latest) this.#latest = time
  }
}
