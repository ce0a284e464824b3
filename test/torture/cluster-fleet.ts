import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { Child } from './child.ts'
import type { ClusterServerSetup } from './children/cluster-server.ts'
import type { ClusterLedger } from './cluster-ledger.ts'
import type { ClusterPlaces } from './cluster-places.ts'
import {
  areAcquainted,
  type ClusterView,
  isLevel,
  leaderIn,
  shownStatuses,
} from './cluster-view.ts'
import { ClusterWriters, countOf, type WritersSettings } from './cluster-writers.ts'
import { differing, isWritten, sharedChanges } from './shared-changes.ts'
import { moment, scratch } from './torture.ts'

export interface FleetSettings extends Omit<WritersSettings, 'token'> {
  readonly servers: number
  /** Milliseconds in which all must be level once nobody writes any more. */
  readonly limit: number
}

/**
 * A leader, members, and clients that write to all of them, each a process of its own; what the clients were promised
 * is kept here. They end with the test, also when that hangs.
 */
export class ClusterFleet {
  readonly #folder: string
  readonly #places: ClusterPlaces
  readonly #settings: FleetSettings
  readonly #servers: Child[] = []
  #writers: ClusterWriters | undefined
  /** Of servers that are dead. */
  readonly #warnings: string[] = []

  /** Server 0 leads, by its configuration. */
  static async start(places: ClusterPlaces, settings: FleetSettings): Promise<ClusterFleet> {
    const folder = scratch()
    const fleet = new ClusterFleet(folder.path, places, settings)
    onTestFinished(async () => {
      await fleet.#end()
      folder[Symbol.dispose]()
    })
    await Promise.all(fleet.all.map((server) => fleet.restart(server)))
    fleet.#writers = new ClusterWriters(places, { ...settings, token })
    // Whom nobody has heard of before a cut can't be found during it.
    await fleet.#until('all know each other', areAcquainted)
    return fleet
  }

  private constructor(folder: string, places: ClusterPlaces, settings: FleetSettings) {
    this.#folder = folder
    this.#places = places
    this.#settings = settings
  }

  get all(): readonly number[] {
    return Array.from({ length: this.#settings.servers }, (_, server) => server)
  }

  get writers(): ClusterWriters {
    if (this.#writers === undefined) throw new Error('the servers do not run yet')
    return this.#writers
  }

  /** What servers logged as warnings or errors, all of them. */
  get warnings(): readonly string[] {
    return [...this.#warnings, ...this.#servers.flatMap(warningsOf)]
  }

  async kill(server: number): Promise<void> {
    const child = this.#server(server)
    await child.kill()
    this.#warnings.push(...warningsOf(child))
  }

  /** At the address it had before; resolves when it is there. */
  async restart(server: number): Promise<void> {
    await this.start(server).said('listening')
  }

  start(server: number): Child {
    const setup: ClusterServerSetup = {
      path: this.#path(server),
      durability: server % 2 === 0 ? 'full' : 'normal',
      host: this.#places.host(server),
      address: this.#places.address(server),
      leader: this.#places.address(0),
      keys: writtenKeys,
      nodesKey: 'things/*',
      token,
    }
    const child = Child.start('cluster-server', setup, this.#places.via(server))
    this.#servers[server] = child
    return child
  }

  freeze(servers: readonly number[]): void {
    for (const server of servers) this.#server(server).freeze()
  }

  thaw(servers: readonly number[]): void {
    for (const server of servers) this.#server(server).thaw()
  }

  /** What it holds that the leaders have not confirmed. */
  async pendingAt(server: number): Promise<number> {
    const view = await this.#view(server)
    if (view.unreachable !== undefined) throw new Error(view.unreachable)
    return Math.max(...view.keys.map(({ pendingWrites }) => pendingWrites))
  }

  async promote(server: number): Promise<void> {
    const { status, text } = await this.writers.ask(server, 'POST', '_rejoin/cluster/promote', '{}')
    expect(status, text).toBe(200)
  }

  /** Resolves when these servers take that one for the leader of everything. */
  async follow(leader: number, servers: readonly number[]): Promise<void> {
    const address = this.#places.address(leader)
    await this.#until(`${address} leads`, (views) =>
      servers.every((server) => leaderIn(views[server]) === address),
    )
  }

  /** No more is written. Answers with the milliseconds until everybody had everything. */
  async finish(): Promise<number> {
    await this.writers.finish()
    const began = performance.now()
    await this.#until('all follow one leader, which has confirmed everything', (views) =>
      isLevel(views, 0),
    )
    // By then the leader had all there is.
    const since = Date.now()
    await this.#until('all have what the leader had', (views) => isLevel(views, since))
    await this.#until('all list the same', async () => {
      for (const key of writtenKeys) {
        const lists = await Promise.all(
          this.all.map((server) => this.writers.ask(server, 'GET', key)),
        )
        if (new Set(lists.map(({ text }) => text)).size > 1) return false
      }
      return true
    })
    const took = Math.round(performance.now() - began)
    await this.#prove()
    return took
  }

  /** All hold the same, and all that was promised is there. Answers with what was held against them. */
  async check(): Promise<{ readonly ledger: ClusterLedger; readonly objects: number }> {
    await Promise.all(this.#servers.map((server) => server.kill()))
    const ledger = this.writers.ledger()
    const standings = await Promise.all(this.all.map((server) => sharedChanges(this.#path(server))))
    for (const [server, changes] of standings.entries()) {
      const written = changes.filter(isWritten)
      const problems = ledger.problemsIn(new Map(written.map((change) => [change.path, change])))
      expect(problems.slice(0, 10), `${problems.length} missing on server ${server}`).toEqual([])
    }
    const [first = [], ...others] = standings
    for (const other of others) expect(differing(first, other)).toEqual([])
    return { ledger, objects: first.length }
  }

  /** Members compare what they hold with what their leader holds, and nothing differs. */
  async #prove(): Promise<void> {
    const read = async () => {
      const told = await Promise.all(this.#servers.map(proofsOf))
      return told.flat().filter(({ role }) => role === 'member')
    }
    let followed: readonly Proved[] = []
    await this.#until('all is compared with the leader', async () => {
      followed = await read()
      return followed.every(({ proof }) => proof?.agrees)
    })
    expect(followed).toHaveLength((this.all.length - 1) * (writtenKeys.length + 1))
    for (const { path, proof } of followed) expect(proof?.defects, path).toBe(0)
  }

  async #until(
    what: string,
    isSo: (views: readonly ClusterView[]) => boolean | Promise<boolean>,
  ): Promise<void> {
    const began = performance.now()
    for (;;) {
      const views = await Promise.all(this.all.map((server) => this.#view(server)))
      if (await isSo(views)) return
      if (performance.now() - began > this.#settings.limit)
        throw new Error(
          `not so in time: ${what}\n${shownStatuses(views)}\n${this.warnings.slice(-20).join('\n')}`,
        )
      await moment(100)
    }
  }

  async #view(server: number): Promise<ClusterView> {
    const { status, text } = await this.writers.ask(server, 'GET', '_rejoin/cluster')
    return status === 200 ? (JSON.parse(text) as ClusterView) : { unreachable: text }
  }

  #server(server: number): Child {
    return this.#servers[server] as Child
  }

  async #end(): Promise<void> {
    await Promise.all(this.#servers.map((child) => child[Symbol.asyncDispose]()))
    await this.#writers?.end()
  }

  #path(server: number): string {
    return join(this.#folder, `server-${server}.db`)
  }
}

interface Proved {
  readonly path: string
  readonly role: string
  readonly proof?: { readonly agrees: boolean; readonly defects: number }
}

async function proofsOf(server: Child): Promise<readonly Proved[]> {
  const times = countOf(server, 'proved')
  server.tell('prove')
  return JSON.parse((await server.said('proved', times + 1)).slice('proved '.length))
}

function warningsOf({ lines }: Child): readonly string[] {
  return lines.filter((line) => line.startsWith('warned '))
}

const writtenKeys = ['users/*', 'shared/*', 'pushed/*', 'settings']
const token = 'secret'
