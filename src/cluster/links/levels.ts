import type { KeyPlan } from '../configuration/key-plan.ts'
import type { ClusterLink } from './cluster-link.ts'

/** When each key was level with a leader last, since this server was opened. */
export class Levels {
  /** By leader and key. */
  readonly #at = new Map<string, number>()

  note({ desired, levelAt }: ClusterLink): void {
    if (levelAt === undefined) return
    for (const key of desired.keys) this.#at.set(`${desired.address} ${key}`, levelAt)
  }

  /** Milliseconds since 1970; `undefined`: never. */
  of(leader: string, { path }: Pick<KeyPlan, 'path'>): number | undefined {
    return this.#at.get(`${leader} ${path}`)
  }
}
