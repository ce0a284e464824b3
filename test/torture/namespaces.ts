import { onTestFinished } from 'vitest'
import { ip, program, tryIp } from './ip.ts'
import type { Way } from './live-client.ts'
import type { Places } from './live-fleet.ts'

/** How a cable is cut: what is sent goes nowhere, or the client's machine knows that there is no network. */
export type Cut = 'silent' | 'unplugged'

/**
 * A hub and its clients on machines of their own, as far as the network goes: each in a network namespace, with a
 * cable from the hub to each client, and nothing else. They are gone after the test.
 */
export class Namespaces implements Places {
  readonly host = '0.0.0.0'
  readonly #made: string[] = []
  readonly #ways: readonly Way[]

  /** Undefined where this user may not make them. */
  static make(ways: readonly Way[]): Namespaces | undefined {
    const network = new Namespaces(ways)
    onTestFinished(() => network.#remove())
    return network.#make() ? network : undefined
  }

  private constructor(ways: readonly Way[]) {
    this.#ways = ways
  }

  via(who: Way | 'hub'): readonly string[] {
    return [program, 'netns', 'exec', nameOf(who)]
  }

  hubFor(way: Way): string {
    return `${this.#subnet(way)}.1`
  }

  cut(way: Way, cut: Cut): void {
    this.#cable(way, cut, 'down')
  }

  heal(way: Way, cut: Cut): void {
    this.#cable(way, cut, 'up')
  }

  #remove(): void {
    // With a namespace go its ends of cables.
    for (const name of this.#made.splice(0)) ip('netns', 'delete', name)
  }

  #make(): boolean {
    for (const who of ['hub', ...this.#ways] as const) {
      if (!tryIp('netns', 'add', nameOf(who))) return false
      this.#made.push(nameOf(who))
      ip('-n', nameOf(who), 'link', 'set', 'lo', 'up')
    }
    for (const way of this.#ways) {
      const [hub, client] = [nameOf('hub'), nameOf(way)]
      const ends = ['type', 'veth', 'peer', 'name', 'hub', 'netns', client]
      ip('-n', hub, 'link', 'add', way, ...ends)
      ip('-n', hub, 'address', 'add', `${this.#subnet(way)}.1/24`, 'dev', way)
      ip('-n', client, 'address', 'add', `${this.#subnet(way)}.2/24`, 'dev', 'hub')
      ip('-n', hub, 'link', 'set', way, 'up')
      ip('-n', client, 'link', 'set', 'hub', 'up')
    }
    return true
  }

  #cable(way: Way, cut: Cut, state: 'up' | 'down'): void {
    const [at, end] = cut === 'silent' ? [nameOf('hub'), way] : [nameOf(way), 'hub']
    ip('-n', at, 'link', 'set', end, state)
  }

  #subnet(way: Way): string {
    return `10.77.${this.#ways.indexOf(way) + 1}`
  }
}

function nameOf(who: Way | 'hub'): string {
  return `rejoin-${process.pid}-${who}`
}
