import { onTestFinished } from 'vitest'
import type { ClusterPlaces } from './cluster-places.ts'
import { ip, program, tryIp } from './ip.ts'
import type { Cut } from './namespaces.ts'

/**
 * Servers on machines of their own, as far as the network goes: each in a network namespace, with a cable to one switch,
 * and nothing else. They are gone after the test.
 */
export class SwitchedNamespaces implements ClusterPlaces {
  readonly #made: string[] = []

  /** Undefined where this user may not make them. */
  static make(servers: number): SwitchedNamespaces | undefined {
    const network = new SwitchedNamespaces()
    onTestFinished(() => network.#remove())
    return network.#make(servers) ? network : undefined
  }

  host(server: number): string {
    return `10.78.0.${server + 1}`
  }

  address(server: number): string {
    return `${this.host(server)}:8080`
  }

  via(server: number): readonly string[] {
    return [program, 'netns', 'exec', nameOf(server)]
  }

  /** `silent`: the switch passes nothing on any more. `unplugged`: its machine knows that there is no network. */
  cut(server: number, cut: Cut): void {
    if (cut === 'silent') ip('-n', switchName, 'link', 'set', portOf(server), 'nomaster')
    else ip('-n', nameOf(server), 'link', 'set', 'lan', 'down')
  }

  heal(server: number, cut: Cut): void {
    if (cut === 'silent') ip('-n', switchName, 'link', 'set', portOf(server), 'master', 'switch')
    else ip('-n', nameOf(server), 'link', 'set', 'lan', 'up')
  }

  #remove(): void {
    // With a namespace go its ends of cables.
    for (const name of this.#made.splice(0)) ip('netns', 'delete', name)
  }

  #make(servers: number): boolean {
    if (!this.#namespace(switchName)) return false
    if (!tryIp('-n', switchName, 'link', 'add', 'switch', 'type', 'bridge')) return false
    ip('-n', switchName, 'link', 'set', 'switch', 'up')
    for (let server = 0; server < servers; server++) {
      const name = nameOf(server)
      if (!this.#namespace(name)) return false
      const ends = ['type', 'veth', 'peer', 'name', 'lan', 'netns', name]
      ip('-n', switchName, 'link', 'add', portOf(server), ...ends)
      ip('-n', switchName, 'link', 'set', portOf(server), 'master', 'switch', 'up')
      ip('-n', name, 'address', 'add', `${this.host(server)}/24`, 'dev', 'lan')
      ip('-n', name, 'link', 'set', 'lan', 'up')
    }
    return true
  }

  #namespace(name: string): boolean {
    if (!tryIp('netns', 'add', name)) return false
    this.#made.push(name)
    ip('-n', name, 'link', 'set', 'lo', 'up')
    return true
  }
}

const switchName = `rejoin-${process.pid}-switch`

function nameOf(server: number): string {
  return `rejoin-${process.pid}-server-${server}`
}

function portOf(server: number): string {
  return `port${server}`
}
