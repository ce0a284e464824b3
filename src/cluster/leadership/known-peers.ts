import type { StateObject } from '../../contracts/index.ts'
import type { LinkId } from '../../event/index.ts'
import type { Logger } from '../../ports/index.ts'
import type { KeyPlan } from '../configuration/key-plan.ts'
import { knownPeersPattern } from '../configuration/own-paths.ts'
import type { Storages } from '../configuration/storages.ts'
import type { DesiredLink } from '../links/desired-links.ts'
import { hexOf } from './leadership-record.ts'

/** Who answered at an address when a link was there last. */
export interface KnownPeer {
  readonly peer: LinkId
  readonly kind: DesiredLink['kind']
}

/**
 * Who stood at the other end of each link last, also after a restart: checkpoints go by who a peer is, and that only
 * a greeting tells, which is no help while the peer is away.
 */
export class KnownPeers {
  readonly #storages: Storages
  readonly #logger: Logger
  readonly #known = new Map<string, KnownPeer>()
  readonly #writing = new Set<Promise<void>>()

  constructor(storages: Storages, logger: Logger) {
    this.#storages = storages
    this.#logger = logger
  }

  /** What is known in the storages of these keys. */
  async read(keys: readonly Pick<KeyPlan, 'storage'>[], signal?: AbortSignal): Promise<void> {
    for (const storage of new Set(keys.map((key) => key.storage))) {
      const { state } = this.#storages.get(storage)
      const objects = await state.list(knownPeersPattern, signal === undefined ? {} : { signal })
      for (const object of objects) {
        const found = knownPeer(object)
        if (found !== undefined) this.#known.set(`${storage} ${object.path}`, found)
      }
    }
  }

  /** `undefined`: nobody has ever answered there. */
  at(storage: string, address: string): KnownPeer | undefined {
    return this.#known.get(`${storage} ${pathOf(address)}`)
  }

  /** Who a link of that kind would find there; `none`: it was never there. */
  lastOf({ storage, address, kind }: DesiredLink): LinkId | 'none' {
    const known = this.at(storage, address)
    return known?.kind === kind ? known.peer : 'none'
  }

  note({ storage, address, kind }: DesiredLink, peer: LinkId | undefined): void {
    const before = this.at(storage, address)
    if (peer === undefined || (before?.peer === peer && before.kind === kind)) return
    const path = pathOf(address)
    this.#known.set(`${storage} ${path}`, { peer, kind })
    const { state } = this.#storages.get(storage)
    const writing = state.set(path, { address, peer, kind }).then(
      () => {},
      (error: unknown) => this.#logger.warn('who answers at an address is not kept', { error }),
    )
    this.#writing.add(writing)
    void writing.then(() => this.#writing.delete(writing))
  }

  /** Resolves when all is written. */
  async close(): Promise<void> {
    await Promise.all(this.#writing)
  }
}

function pathOf(address: string): string {
  return `${knownPeersPattern.slice(0, -1)}${hexOf(address)}`
}

function knownPeer({ data }: StateObject): KnownPeer | undefined {
  const { peer, kind } = (data ?? {}) as Partial<Record<string, unknown>>
  if (typeof peer !== 'string' || (kind !== 'native' && kind !== 'pivot')) return undefined
  return { peer: peer as LinkId, kind }
}
