import { isAbove, keyOf, shown, type Version } from './version.ts'

/** Where the ledger's findings go. */
export type Report = (invariant: string, message: string) => void

/** How an attempt stands to what others did who did not know of it. */
export interface Contest {
  readonly isConcurrent: boolean
  /** One of both is a delete. */
  readonly isWithDelete: boolean
}

/** The book of what was written and what was acknowledged, kept outside of all servers. */
export class StateLedger {
  readonly #report: Report
  /** By path. */
  readonly #attempted = new Map<string, Map<string, Version>>()
  readonly #acknowledged = new Map<string, Version[]>()
  readonly #held = new Map<string, { readonly server: string; readonly version: Version }[]>()
  /** Who wrote what after a version, by that version. */
  readonly #followers = new Map<string, { readonly server: string; readonly isDelete: boolean }[]>()
  #promised = 0

  constructor(report: Report) {
    this.#report = report
  }

  /** How many writes were acknowledged. */
  get promised(): number {
    return this.#promised
  }

  get paths(): readonly string[] {
    return [...this.#attempted.keys()]
  }

  /** A server is about to store this for a user, after what stood there. */
  attempted(server: string, version: Version, base: Version | undefined): Contest {
    const { path } = version
    const known = this.#attempted.get(path) ?? new Map<string, Version>()
    this.#attempted.set(path, known.set(keyOf(version), version))
    const after = `${path} ${base === undefined ? '' : keyOf(base)}`
    const followers = this.#followers.get(after) ?? []
    const isDelete = version.dataText === null
    const others = followers.filter((one) => one.server !== server)
    this.#followers.set(after, [...followers, { server, isDelete }])
    return {
      isConcurrent: others.length > 0,
      isWithDelete: others.some((one) => one.isDelete !== isDelete),
    }
  }

  /** A user was told that it stands. */
  acknowledged(version: Version): void {
    const { path } = version
    if (!this.#attempted.get(path)?.has(keyOf(version)))
      this.#report('T4', `${shown(version)} was answered, and never stored just so`)
    this.#promised++
    this.#acknowledged.set(path, [...(this.#acknowledged.get(path) ?? []), version])
  }

  /** It is durable on a server. */
  held(server: string, version: Version): void {
    const { path } = version
    if (!this.#attempted.get(path)?.has(keyOf(version)))
      this.#report('T1', `${server} holds ${shown(version)}, which nobody has written`)
    this.#held.set(path, [...(this.#held.get(path) ?? []), { server, version }])
  }

  /** Whether somebody else than that server has ever held that version, or one above it. */
  isElsewhere(server: string, version: Version): boolean {
    const held = this.#held.get(version.path) ?? []
    return held.some((one) => one.server !== server && !isAbove(version, one.version))
  }

  /** It came too late to be told from what is deleted: it is kept beside, and a tombstone of its time stands for it. */
  keptAside(version: Version): void {
    const { path, created, updated } = version
    const time = updated > created ? updated : created
    const grave = { path, created: 0n, updated: time, dataText: null }
    this.#attempted.get(path)?.set(keyOf(grave), grave)
    const others = this.#acknowledged.get(path)?.filter((one) => keyOf(one) !== keyOf(version))
    if (others !== undefined) this.#acknowledged.set(path, others)
  }

  /** Whether it is a delete, or a delete above it was durable somewhere. */
  wasDeleted(version: Version): boolean {
    if (version.dataText === null) return true
    const held = this.#held.get(version.path) ?? []
    return held.some((one) => one.version.dataText === null && isAbove(one.version, version))
  }

  /** Of what was acknowledged at a path, the version above all others. */
  owed(path: string): Version | undefined {
    return topOf(this.#acknowledged.get(path) ?? [])
  }

  /** Whether that is among what was written there. */
  isKnown(version: Version): boolean {
    return this.#attempted.get(version.path)?.has(keyOf(version)) === true
  }

  /**
   * A server's disk was replaced, or forgets: what it held, and is on no disk any more, nobody can be asked for. Gives
   * back what that is.
   */
  diskReplaced(server: string, disks: readonly ReadonlyMap<string, Version>[]): readonly Version[] {
    const gone: Version[] = []
    for (const [path, versions] of this.#acknowledged) {
      const top = topOf(disks.flatMap((disk) => disk.get(path) ?? []))
      const isLost = (one: Version) =>
        (top === undefined || isAbove(one, top)) && this.#wasAt(server, one)
      gone.push(...versions.filter(isLost))
      this.#acknowledged.set(
        path,
        versions.filter((one) => !isLost(one)),
      )
    }
    return gone
  }

  /** Whether that server has ever held that version, or one above it. */
  #wasAt(server: string, version: Version): boolean {
    const held = this.#held.get(version.path) ?? []
    return held.some((one) => one.server === server && !isAbove(version, one.version))
  }
}

export function topOf(versions: readonly Version[]): Version | undefined {
  return versions.reduce<Version | undefined>(
    (top, one) => (top === undefined || isAbove(one, top) ? one : top),
    undefined,
  )
}
