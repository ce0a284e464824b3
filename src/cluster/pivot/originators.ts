import type { PeerChange } from './route-options.ts'

/** Who has sent which change, until it is committed. Forgotten, somebody is called for nothing. */
export class Originators {
  readonly #changes = new Map<string, { readonly time: bigint; readonly originator: string }>()

  coming({ path, time, originator }: PeerChange): void {
    this.#changes.delete(path)
    if (originator === undefined) return
    this.#changes.set(path, { time, originator })
    if (this.#changes.size > most) this.#changes.delete(this.#changes.keys().next().value as string)
  }

  /** `undefined` when somebody else has written what stands there. */
  of(path: string, time: bigint): string | undefined {
    const change = this.#changes.get(path)
    return change?.time === time ? change.originator : undefined
  }
}

const most = 10_000
