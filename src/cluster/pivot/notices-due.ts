/** What a node is to be told: one call of each key under way, and at most one more waiting. */
export class NoticesDue {
  readonly #call: (address: string, key: string) => Promise<boolean>
  readonly #nodes = new Map<string, Map<string, Notice>>()

  /** `call` resolves with whether the node has heard it; it must not reject. */
  constructor(call: (address: string, key: string) => Promise<boolean>) {
    this.#call = call
  }

  /** Tells it now; `isThere` false: when it is back. */
  add(address: string, key: string, isThere = true): void {
    const notice = this.#notice(address, key)
    notice.isDue = true
    if (isThere) void this.#begin(address, key, notice)
  }

  /** It is there: what it was not told, it is told now. */
  retry(address: string): void {
    for (const [key, notice] of this.#nodes.get(address) ?? [])
      if (notice.isDue) void this.#begin(address, key, notice)
  }

  forget(address: string): void {
    this.#nodes.delete(address)
  }

  async #begin(address: string, key: string, notice: Notice): Promise<void> {
    if (notice.isUnderWay) return
    notice.isUnderWay = true
    let isWell = true
    while (notice.isDue && isWell) {
      notice.isDue = false
      isWell = await this.#call(address, key)
      // Whatever has come meanwhile, it has not heard of this either.
      if (!isWell) notice.isDue = true
    }
    notice.isUnderWay = false
  }

  #notice(address: string, key: string): Notice {
    let keys = this.#nodes.get(address)
    if (keys === undefined) {
      keys = new Map()
      this.#nodes.set(address, keys)
    }
    let notice = keys.get(key)
    if (notice === undefined) {
      notice = { isDue: false, isUnderWay: false }
      keys.set(key, notice)
    }
    return notice
  }
}

interface Notice {
  isDue: boolean
  isUnderWay: boolean
}
