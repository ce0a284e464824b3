import type { StateObject } from '../../contracts/index.ts'
import type { State } from '../../state/index.ts'
import { addressOf } from '../configuration/address.ts'

/** The servers that announce themselves under one list. Costs what changes, not what the list holds. */
export class NodeEntries {
  readonly #byPath = new Map<string, string>()
  /** While the list is read. */
  readonly #changed = new Set<string>()
  readonly #onChange: () => void
  #stop = () => {}

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  /** Their addresses, sorted, each once. */
  get addresses(): readonly string[] {
    return [...new Set(this.#byPath.values())].toSorted()
  }

  /** Reads what is there, and hears of what will be. */
  async follow(state: State, list: string, signal?: AbortSignal): Promise<void> {
    this.#stop = state.observe(list, ({ changes, behind }) => {
      // Nobody else can be told that it failed, and the next change is heard of all the same.
      if (behind) void this.#read(state, list).catch(() => {})
      for (const { path, object } of changes) {
        this.#changed.add(path)
        this.#take(path, object)
      }
      this.#onChange()
    })
    await this.#read(state, list, signal)
  }

  close(): void {
    this.#stop()
  }

  async #read(state: State, list: string, signal?: AbortSignal): Promise<void> {
    this.#changed.clear()
    const objects = await state.list(list, signal === undefined ? {} : { signal })
    for (const path of [...this.#byPath.keys()])
      if (!this.#changed.has(path)) this.#byPath.delete(path)
    for (const object of objects)
      if (!this.#changed.has(object.path)) this.#take(object.path, object)
    this.#onChange()
  }

  #take(path: string, object: StateObject | undefined): void {
    const address = object && nodeAddress(object)
    if (address === undefined) this.#byPath.delete(path)
    else this.#byPath.set(path, address)
  }
}

/** Where the server is that an object announces; `undefined` for plain data. */
export function nodeAddress({ data }: StateObject): string | undefined {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined
  const { ip, IP, port, Port } = data as Record<string, unknown>
  return addressOf(ip ?? IP, port ?? Port)
}

/** The node id of the server that has written an object about itself; `undefined` where nobody says so. */
export function announcingNode({ data }: StateObject): string | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const { node } = data as { readonly node?: unknown }
  return typeof node === 'string' ? node : undefined
}

/** Where a server's own entry stands in the list: letters and digits, as servers of the original want it. */
export function entryPath(list: string, address: string): string {
  const index = [...address].map((one) => one.charCodeAt(0).toString(16).padStart(2, '0')).join('')
  return `${list.slice(0, -1)}${index}`
}
