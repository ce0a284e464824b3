import type { StateStorage } from '../contracts/index.ts'
import type { State, StateTree } from '../state/index.ts'

/** A storage as a cluster uses it: what is written and watched, and what links replicate of it. */
export interface ClusterStorage {
  readonly state: State
  readonly replica: StateStorage
}

/** The storages that a cluster shares parts of, by the names they have on the wire. */
export class Storages {
  readonly #all = new Map<string, ClusterStorage>()
  readonly #holdsCollecting: () => boolean
  readonly #ends = new Map<string, () => void>()

  /** No tombstone is collected as long as `holdsCollecting` says so. */
  constructor(tree: StateTree, holdsCollecting: () => boolean) {
    this.#holdsCollecting = holdsCollecting
    this.#ends.set('main', tree.holdCollecting(holdsCollecting))
    for (const name of tree.names)
      this.#all.set(name, { state: tree.storage(name), replica: tree.replica(name) })
  }

  get names(): readonly string[] {
    return [...this.#all.keys()]
  }

  /** What lives outside the cluster's tree, under a name of its own. */
  add(name: string, tree: StateTree): void {
    this.#all.set(name, { state: tree, replica: tree.replica() })
    this.#ends.set(name, tree.holdCollecting(this.#holdsCollecting))
  }

  /** What could not be attached after all. */
  remove(name: string): void {
    this.#all.delete(name)
    this.#ends.get(name)?.()
    this.#ends.delete(name)
  }

  /** The trees look after their tombstones by themselves again. */
  close(): void {
    for (const end of this.#ends.values()) end()
  }

  find(name: string): ClusterStorage | undefined {
    return this.#all.get(name)
  }

  /** Of a key, whose storage has been checked. */
  get(name: string): ClusterStorage {
    return this.#all.get(name) as ClusterStorage
  }
}
