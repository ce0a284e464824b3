import { type NodeId, nodeOf, type Origin } from '../../event/index.ts'

/**
 * By which rules the nodes that sync with a log resolve conflicts, as each of them said last. The log itself has no
 * use for that: it only tells the others. In memory, because whoever syncs says it again.
 */
export class PeerRules {
  readonly #said = new Map<NodeId, Said>()

  hear(origin: Origin, hash: string, now: number): void {
    const node = nodeOf(origin)
    // The latest come last.
    this.#said.delete(node)
    this.#said.set(node, { hash, at: now })
    const [oldest] = this.#said.keys()
    if (this.#said.size > mostNodes && oldest !== undefined) this.#said.delete(oldest)
  }

  /** Each once, the latest first: what other nodes than this one have said within a day. */
  others(origin: Origin, now: number): readonly string[] {
    const hashes = new Set<string>()
    for (const [node, { hash, at }] of [...this.#said].reverse())
      if (node !== nodeOf(origin) && now - at < lastingTime) hashes.add(hash)
    return [...hashes].slice(0, mostHashes)
  }
}

/** One for each log, whatever transports lead to it. */
export function peerRulesOf(replica: object): PeerRules {
  const known = all.get(replica)
  if (known !== undefined) return known
  const fresh = new PeerRules()
  all.set(replica, fresh)
  return fresh
}

interface Said {
  readonly hash: string
  readonly at: number
}

const all = new WeakMap<object, PeerRules>()
const mostNodes = 1_000
const mostHashes = 8
const lastingTime = 24 * 60 * 60 * 1_000
