import type { Applied, StateCommitted, StateStorage } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'

/** What keeps a storage from being written, as the last commit that was tried has shown: a tree's own or a link's. */
export class StorageTrouble {
  readonly #listeners = new Set<() => void>()
  #error: RejoinError | undefined

  /** A `storage_…` error; `undefined` once a commit has worked again. */
  get error(): RejoinError | undefined {
    return this.#error
  }

  /** Told when there is trouble, another one, or none any more. Answers with a way to stop. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** The same storage, whose commits are looked at. */
  of(storage: StateStorage): StateStorage {
    // Of a frozen object a proxy may give nothing but its own members.
    return new Proxy(Object.create(storage) as StateStorage, {
      get: (_, name) => {
        const member: unknown = Reflect.get(storage, name, storage)
        if (typeof member !== 'function') return member
        // Its own `this`: private fields are not the proxy's.
        if (!writing.has(name)) return member.bind(storage)
        return (...args: unknown[]) => this.#look(member.apply(storage, args) as Promise<unknown>)
      },
    })
  }

  async #look(call: Promise<unknown>): Promise<unknown> {
    try {
      const answer = await call
      if (this.#error !== undefined && hasStored(answer)) this.#set(undefined)
      return answer
    } catch (error) {
      if (error instanceof RejoinError && error.code.startsWith('storage_')) this.#set(error)
      throw error
    }
  }

  #set(error: RejoinError | undefined): void {
    const isNews = error?.code !== this.#error?.code
    this.#error = error
    if (isNews) for (const listener of [...this.#listeners]) listener()
  }
}

/** What writes nothing says nothing of the disk. */
function hasStored(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null) return false
  const { rows = [] } = answer as Partial<StateCommitted>
  const { receipts = [] } = answer as Partial<Extract<Applied, { readonly kind: 'applied' }>>
  return rows.length > 0 || receipts.some(({ kind }) => kind === 'stored' || kind === 'filled')
}

const writing: ReadonlySet<string | symbol> = new Set<keyof StateStorage>([
  'commit',
  'apply',
  'settle',
  'confirm',
  'resetLink',
  'renewOrigin',
  'collect',
  'sweep',
  'forgetLate',
  'forget',
])
