import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { EventStore } from '../../src/contracts/index.ts'
import { SqliteStore } from '../../src/store/sqlite/index.ts'
import { audit, brokenBatches, entriesOf } from './audit.ts'
import { Child } from './child.ts'
import { LiveClient, type Settings, type Way } from './live-client.ts'
import { scratch } from './torture.ts'

/** Where the processes of a fleet run. */
export interface Places {
  /** What the hub listens on. */
  readonly host: string
  /** How to run a program there. */
  via(who: Way | 'hub'): readonly string[]
  /** The hub's address as this client sees it. */
  hubFor(way: Way): string
}

export const loopback: Places = {
  host: '127.0.0.1',
  via: () => [],
  hubFor: () => '127.0.0.1',
}

/**
 * A hub and two clients that follow it and write, each a process of its own; what they were promised is kept here.
 * They end with the test, also when that hangs.
 */
export class LiveFleet {
  readonly clients: readonly LiveClient[]
  readonly #folder: string
  readonly #places: Places
  readonly #token: string
  #hub: Child | undefined
  #port = '0'

  static async start(places: Places, settings: Settings): Promise<LiveFleet> {
    const folder = scratch()
    const fleet = new LiveFleet(folder.path, places, settings)
    onTestFinished(async () => {
      await fleet.#end()
      folder[Symbol.dispose]()
    })
    await fleet.#startHub()
    for (const client of fleet.clients) fleet.#startClient(client)
    return fleet
  }

  private constructor(folder: string, places: Places, settings: Settings) {
    this.#folder = folder
    this.#places = places
    this.#token = settings.token
    this.clients = ways.map((way) => new LiveClient(way, join(folder, `${way}.db`), settings))
  }

  client(way: Way): LiveClient {
    return this.clients.find((one) => one.way === way) as LiveClient
  }

  /** `kill -9`, and up again; whatever it had confirmed is in its file. */
  async restartHub(): Promise<void> {
    await this.#hub?.kill()
    const there = await idsIn(this.#hubPath)
    const promised = this.clients.flatMap(({ confirmed }) => confirmed)
    const lost = promised.filter((id) => !there.has(id))
    expect(lost, 'confirmed by the hub, and lost').toEqual([])
    await this.#startHub()
  }

  /** `kill -9`, and up again; whatever it was told to have is in its file. */
  async restartClient(client: LiveClient): Promise<void> {
    await client.life.kill()
    await expectStored(client)
    this.#startClient(client)
  }

  /** No more is written. Answers with the milliseconds until everybody had everything. */
  async finish(): Promise<number> {
    const began = performance.now()
    const all = (order: string, answer: string) =>
      Promise.all(
        this.clients.map(({ life }) => {
          life.tell(order)
          return life.said(answer)
        }),
      )
    expect(await all('finish', 'unsent')).toEqual(ways.map(() => 'unsent 0'))
    // A hub that is killed loses nothing, so no link begins again from the start of its log.
    const warnings = this.clients.flatMap((client) => client.warnings)
    expect(warnings.filter((text) => text.includes('starts over'))).toEqual([])
    await all(`await ${await countIn(this.#hubPath)}`, 'has')
    const took = performance.now() - began
    expect(await all('close', 'left')).toEqual(ways.map(() => 'left 0'))
    await Promise.all(this.clients.map(({ life }) => life.done()))
    return Math.round(took)
  }

  /** All three logs are sound and hold the same events, everything promised among them. Answers with how many. */
  async check(): Promise<number> {
    await this.#hub?.kill()
    for (const client of this.clients) await expectStored(client)
    const logs = [this.#hubPath, ...this.clients.map(({ path }) => path)]
    const [hub, ...others] = await Promise.all(logs.map(contents))
    for (const other of others) expect(other).toEqual(hub)
    const there = await idsIn(this.#hubPath)
    const promised = this.clients.flatMap(({ stored }) => stored.flat())
    expect(promised.filter((id) => !there.has(id))).toEqual([])
    return there.size
  }

  async #end(): Promise<void> {
    const lives = this.clients.map(({ life }) => life)
    await Promise.all([this.#hub, ...lives].map((one) => one?.[Symbol.asyncDispose]()))
  }

  #startClient(client: LiveClient): void {
    const { way } = client
    client.start(`${this.#places.hubFor(way)}:${this.#port}`, this.#places.via(way))
  }

  /** At the port it had before. */
  async #startHub(): Promise<void> {
    const address = ['--host', this.#places.host, '--port', this.#port, '--token', this.#token]
    const log = ['--data', this.#folder, '--log-level', 'error']
    this.#hub = Child.commandVia(this.#places.via('hub'), 'serve', ...address, ...log)
    const listening = await this.#hub.said('listening')
    this.#port = new URL(listening.slice('listening on '.length)).port
  }

  get #hubPath(): string {
    return join(this.#folder, 'events.db')
  }
}

export const ways: readonly Way[] = ['sse', 'websocket']

async function expectStored({ path, stored, way }: LiveClient): Promise<void> {
  const there = await idsIn(path)
  const lost = stored.flat().filter((id) => !there.has(id))
  expect(lost, `acknowledged to ${way}, and lost`).toEqual([])
}

async function idsIn(path: string): Promise<ReadonlySet<string>> {
  return within(path, async (store) => {
    const entries = await entriesOf(store)
    return new Set(entries.map(({ event }) => event.id))
  })
}

function countIn(path: string): Promise<bigint> {
  return within(path, async (store) => (await store.status()).events)
}

/** A sound log's events, whatever their order. */
function contents(path: string): Promise<readonly string[]> {
  return within(path, async (store) => {
    const entries = await audit(store)
    // Others' events come between; each writer's own stand as they were appended.
    for (const [, own] of Map.groupBy(entries, ({ event }) => event.origin))
      expect(brokenBatches(own)).toEqual([])
    return entries.map(({ event }) => `${event.id} ${event.hash}`).sort()
  })
}

async function within<T>(path: string, work: (store: EventStore) => Promise<T>): Promise<T> {
  await using store = await SqliteStore.open({ path })
  return await work(store)
}
