import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownPorts } from '../e2e/own-ports.ts'
import {
  ClusterServer,
  type ClusterServerKind,
  type ClusterServerOptions,
  nodesKey,
} from './cluster-server.ts'
import { ClusterWrites, type Listing } from './cluster-writes.ts'
import { until } from './until.ts'

export interface ClusterPairOptions {
  readonly leads: ClusterServerKind
  readonly follows: ClusterServerKind
  /** Where the program of interop/pivot is; not needed where both are ours. */
  readonly program?: string
}

/** A leader and a node, and what clients of both were promised. */
export class ClusterPair implements AsyncDisposable {
  readonly leader: ClusterServer
  readonly node: ClusterServer
  readonly writes = new ClusterWrites()
  #opened = new AsyncDisposableStack()

  /** Resolves when a write on either is seen on the other. */
  static async open({ leads, follows, program }: ClusterPairOptions): Promise<ClusterPair> {
    const folder = mkdtempSync(join(tmpdir(), 'rejoin-pair-'))
    await using opened = new AsyncDisposableStack()
    opened.defer(() => rmSync(folder, { recursive: true, force: true }))
    const given = program === undefined ? {} : { program }
    const start = async (options: Omit<ClusterServerOptions, 'ports'>) =>
      opened.use(await startSomewhere({ ...given, ...options }))
    const leader = await start({ kind: leads, folder: join(folder, 'leader') })
    const followed = { leader: leader.address }
    const node = await start({ kind: follows, folder: join(folder, 'node'), ...followed })
    const pair = new ClusterPair(leader, node)
    await pair.#introduce()
    pair.#opened = opened.move()
    return pair
  }

  private constructor(leader: ClusterServer, node: ClusterServer) {
    this.leader = leader
    this.node = node
  }

  get both(): readonly [ClusterServer, ClusterServer] {
    return [this.leader, this.node]
  }

  /** What clients of both read, at the same time. */
  listings(): Promise<readonly [Listing, Listing]> {
    return Promise.all([this.writes.read(this.leader.url), this.writes.read(this.node.url)])
  }

  /** Resolves when both hold, by value and time, all that was acknowledged, and nothing else. */
  async level(what: string): Promise<void> {
    await until(
      () => `both are level ${what}`,
      async () => {
        const [leader, node] = await this.listings()
        const problems = [...this.writes.problemsIn(leader), ...this.writes.problemsIn(node)]
        if (leader.text !== node.text) problems.push(`they differ: ${leader.text} ${node.text}`)
        return problems
      },
    )
  }

  /** Neither reaches the other. */
  cut(): void {
    for (const server of this.both) server.cut()
  }

  heal(): void {
    for (const server of this.both) server.heal()
  }

  /** Whether the leader reaches the node. */
  async isReached(): Promise<boolean> {
    const answer = await fetch(`${this.leader.url}/_pivot/health/nodes`)
    const nodes = (await answer.json()) as readonly { address: string; healthy: boolean }[]
    return nodes.some(({ address, healthy }) => address === this.node.address && healthy)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened[Symbol.asyncDispose]()
  }

  /** A server of ours writes its entry itself. */
  async #introduce(): Promise<void> {
    if (this.node.kind === 'pivot') {
      const [ip, port] = this.node.address.split(':')
      await this.writes.announce(`${this.leader.url}/${nodesKey}`, { ip, port: Number(port) })
    }
    await until(
      () => 'the leader reaches the node',
      async () => ((await this.isReached()) ? [] : ['not yet']),
    )
    for (const { url } of this.both) await this.writes.set(url, 'things/hello', { from: url })
    await this.level('at the beginning')
  }
}

/** A port that was free is not always free a moment later. */
async function startSomewhere(options: Omit<ClusterServerOptions, 'ports'>, tries = 5) {
  const ports = (await ownPorts(2)) as [number, number]
  try {
    return await ClusterServer.start({ ...options, ports })
  } catch (error) {
    if (tries === 1 || !/in use|EADDRINUSE/.test(String(error))) throw error
    return await startSomewhere(options, tries - 1)
  }
}
