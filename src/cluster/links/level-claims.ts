import { type Cursor, parseCursor, type ScanPoint, start } from '../../version/index.ts'

/** All that a peer had at one time, milliseconds since 1970, lies before this end of its feed. */
export interface LevelClaim {
  readonly at: number
  readonly end: Cursor
}

/**
 * When all that a peer had was here. What it says of its end proves nothing by itself; it does once the checkpoint has
 * come there, because that moves with what it stands for, in one commit. The oldest claim waits for that, and the
 * newest: a stream that is always somewhat late comes to the one while the other is made.
 */
export class LevelClaims {
  readonly #filter: string
  #provenAt: number | undefined
  #waiting: readonly LevelClaim[] = []

  /** `filter`: the fingerprint of the one that the peer's feed is read under. */
  constructor(filter: string) {
    this.#filter = filter
  }

  /** Milliseconds since 1970; `undefined`: never. */
  get provenAt(): number | undefined {
    return this.#provenAt
  }

  get areWaiting(): boolean {
    return this.#waiting.length > 0
  }

  add(claim: LevelClaim): void {
    const [oldest] = this.#waiting
    // An end in another history may never be reached, nor one that can't be compared.
    const canWait = oldest !== undefined && isAlong(oldest.end, claim.end)
    this.#waiting = canWait ? [oldest, claim] : [claim]
  }

  /** The peer's feed has been taken in up to here. */
  reached(pulled: Cursor): void {
    const proven = this.#waiting.filter(({ end }) => this.#isBehind(end, pulled))
    if (proven.length === 0) return
    this.#provenAt = Math.max(this.#provenAt ?? 0, ...proven.map(({ at }) => at))
    this.#waiting = this.#waiting.filter((claim) => !proven.includes(claim))
  }

  #isBehind(end: Cursor, pulled: Cursor): boolean {
    if (end === start || end === pulled) return true
    const [there, here] = [parseCursor(end), parseCursor(pulled)]
    // What is still to be read behind `read` may have stood before that end, and have moved since.
    if (there === undefined || here === undefined || here.read !== undefined) return false
    return here.filter === this.#filter && isSoFar(there, here)
  }
}

function isAlong(earlier: Cursor, later: Cursor): boolean {
  const [one, other] = [parseCursor(earlier), parseCursor(later)]
  return one !== undefined && other !== undefined && isSoFar(one, other)
}

/** Two feeds that have parted never go on under one mark. */
function isSoFar(one: ScanPoint, other: ScanPoint): boolean {
  return one.mark === other.mark && one.position <= other.position
}
