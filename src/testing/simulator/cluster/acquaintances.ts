import type { StateStorage } from '../../../contracts/index.ts'
import type { Origin } from '../../../event/index.ts'
import { nameOf, type Server } from './server.ts'

/**
 * Who each server takes the others for: as what they have answered it when it greeted them last. A storage that finds out
 * that it is an older backup goes on under another origin; a link that is live hears of that with its next greeting, and
 * exchanges all it is for anew. Until then nobody can say what a write costs.
 */
export class Acquaintances {
  readonly #met = new Map<string, Origin>()

  /** A server has answered the greeting of another one. */
  met(greeting: string, answering: string, as: Origin): void {
    this.#met.set(`${greeting} ${answering}`, as)
  }

  /** Who has a link to a server that goes by another origin now than it was met under; `undefined`: nobody. */
  async outdated(servers: readonly Server[]): Promise<string | undefined> {
    const origins = new Map<string, Origin>()
    for (const { name, life } of servers) {
      const storage = life?.cluster.replica('main') as StateStorage | undefined
      if (storage !== undefined) origins.set(name, (await storage.identity()).origin)
    }
    for (const { name, life } of servers)
      for (const { address, links } of (await life?.cluster.status())?.peers ?? []) {
        const [other, met] = [nameOf(address), this.#met.get(`${name} ${nameOf(address)}`)]
        if (links.length > 0 && met !== origins.get(other))
          return `${name} takes ${other} for ${met}, which is ${origins.get(other)} now`
      }
    return undefined
  }
}
