import {
  LinkedChange,
  type Receipt,
  type RejectReason,
  type StateChange,
  type StateStorage,
  timeOf,
} from '../../contracts/index.ts'
import type { RejoinError } from '../../errors/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { isStatus, type PivotCalls } from './calls.ts'
import { orderOf } from './compare.ts'
import type { PeerList } from './peer-list.ts'
import type { PeerPicture } from './peer-picture.ts'
import { Turns } from './turns.ts'
import { wireText } from './wire-object.ts'

export interface PeerWriterOptions {
  readonly calls: PivotCalls
  readonly local: StateStorage
  readonly runtime: Pick<Runtime, 'sha256'>
}

/** What is known of a key there, for as long as a few of its paths are sent. */
export interface KeyThere {
  readonly picture: PeerPicture
  /** Just asked for; absent when the picture still holds. */
  readonly list: PeerList | undefined
}

/** It failed on it, and may not on others. */
export interface Failed {
  readonly kind: 'failed'
  readonly error: RejoinError
}

/**
 * Writes to a server of the original, which stores whatever it is sent: so only what is newer than what was seen
 * there is sent; and of each path the latest version, one after the other.
 */
export class PeerWriter {
  readonly #options: PeerWriterOptions
  readonly #turns = new Turns()

  constructor(options: PeerWriterOptions) {
    this.#options = options
  }

  /**
   * Sends the latest version of a path, which is that of the change or newer. Rejects when the server can't be
   * reached at all.
   */
  send(
    change: StateChange,
    there: KeyThere,
    signal: AbortSignal | undefined,
  ): Promise<Receipt | Failed> {
    return this.#turns.during(change.path, async () => {
      const { local } = this.#options
      const { found } = await local.rows([change.path], signal)
      const row = found[0]?.row
      const latest = row !== undefined && timeOf(row) > timeOf(change) ? row : change
      if (!this.#isNews(latest, there)) return duplicate
      try {
        await this.#write(latest, there.picture, signal)
        return stored
      } catch (error) {
        return refusal(error)
      }
    })
  }

  #isNews(change: StateChange, { picture, list }: KeyThere): boolean {
    const { path, dataText } = change
    const time = picture.timeAt(path)
    if (time === undefined) return dataText !== null
    if (time !== timeOf(change)) return time < timeOf(change)
    if (dataText === null) return true
    if (picture.isOurs(path)) return false
    const object = list?.objects.get(path)
    if (object === undefined) return false
    const theirs = new LinkedChange({ path, note: '', ...object })
    return orderOf(theirs, change, this.#options.runtime) < 0
  }

  async #write(
    change: StateChange,
    picture: PeerPicture,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { calls } = this.#options
    const { path, dataText } = change
    if (dataText === null) {
      // A delete time that is not the latest of all shows to nobody: they would take it for a loss, or not look.
      const time = change.updated > picture.latest ? change.updated : picture.latest + 1n
      await calls.delete(path, time, signal)
      picture.deleted(path)
    } else {
      await calls.set(path, wireText({ ...change, dataText }), signal)
      picture.written(path, timeOf(change))
    }
  }
}

export function rejected(reason: RejectReason, message: string, retryable: boolean): Receipt {
  return { kind: 'rejected', reason, message, retryable }
}

function refusal(error: unknown): Receipt | Failed {
  if (isStatus(error, refusals)) return rejected('invalid', error.message, false)
  if (isStatus(error, [500])) return { kind: 'failed', error }
  throw error
}

const stored: Receipt = { kind: 'stored' }
const duplicate: Receipt = { kind: 'duplicate' }
/** Of one object, whatever becomes of the others. */
const refusals = [400, 404, 405, 409, 413, 415, 422]
