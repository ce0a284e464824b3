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

  constructor(tree: StateTree) {
    for (const name of tree.names)
      this.#all.set(name, { state: tree.storage(name), replica: tree.replica(name) })
  }

  get names(): readonly string[] {
    return [...this.#all.keys()]
  }

  /** What lives outside the cluster's tree, under a name of its own. */
  add(name: string, tree: StateTree): void {
    this.#all.set(name, { state: tree, replica: tree.replica() })
  }

  /** What could not be attached after all. */
  remove(name: string): void {
    this.#all.delete(name)
  }

  find(name: string): ClusterStorage | undefined {
    return this.#all.get(name)
  }

  /** Of a key, whose storage has been checked. */
  get(name: string): ClusterStorage {
    return this.#all.get(name) as ClusterStorage
  }
}
