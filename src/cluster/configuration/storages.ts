import type { StateStorage } from '../../contracts/index.ts'
import type { RejoinError } from '../../errors/index.ts'
import type { State, StateTree } from '../../state/index.ts'
import type { StorageTrouble } from '../../state/storage-trouble.ts'

/** A storage as a cluster uses it: what is written and watched, and what links replicate of it. */
export interface ClusterStorage {
  readonly state: State
  readonly replica: StateStorage
  readonly trouble: StorageTrouble
}

export interface StoragesOptions {
  /** No tombstone is collected as long as this says so. */
  readonly holdsCollecting: () => boolean
  /** A storage of that name can't be written, or can again. */
  readonly onTrouble: (name: string, error: RejoinError | undefined) => void
}

/** The storages that a cluster shares parts of, by the names they have on the wire. */
export class Storages {
  readonly #all = new Map<string, ClusterStorage>()
  readonly #options: StoragesOptions
  readonly #ends = new Map<string, readonly (() => void)[]>()

  constructor(tree: StateTree, options: StoragesOptions) {
    this.#options = options
    const ends = tree.names.map((name) => this.#take(name, tree, name))
    this.#ends.set('main', [...ends, tree.holdCollecting(options.holdsCollecting)])
  }

  get names(): readonly string[] {
    return [...this.#all.keys()]
  }

  /** What lives outside the cluster's tree, under a name of its own. */
  add(name: string, tree: StateTree): void {
    const holding = tree.holdCollecting(this.#options.holdsCollecting)
    this.#ends.set(name, [this.#take(name, tree, 'main'), holding])
  }

  /** What could not be attached after all. */
  remove(name: string): void {
    this.#all.delete(name)
    for (const end of this.#ends.get(name) ?? []) end()
    this.#ends.delete(name)
  }

  /** The trees look after their tombstones by themselves again. */
  close(): void {
    for (const ends of this.#ends.values()) for (const end of ends) end()
  }

  /** Which can't be written, each in a sentence. */
  get problems(): readonly string[] {
    return [...this.#all].flatMap(([name, { trouble }]) => {
      const { error } = trouble
      if (error === undefined) return []
      return [`the last commit of the storage ${name} failed: ${error.message}`]
    })
  }

  find(name: string): ClusterStorage | undefined {
    return this.#all.get(name)
  }

  /** Of a key, whose storage has been checked. */
  get(name: string): ClusterStorage {
    return this.#all.get(name) as ClusterStorage
  }

  /** Answers with a way to hear no more of its troubles. */
  #take(name: string, tree: StateTree, there: string): () => void {
    const trouble = tree.trouble(there)
    this.#all.set(name, { state: tree.storage(there), replica: tree.replica(there), trouble })
    return trouble.listen(() => this.#options.onTrouble(name, trouble.error))
  }
}
