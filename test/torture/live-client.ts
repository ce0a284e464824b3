import { Child } from './child.ts'
import type { LiveClientOptions } from './children/live-client.ts'

/** A client of a hub through all its lives, and what it was promised in them. */
export class LiveClient {
  readonly way: Way
  readonly path: string
  readonly #settings: Settings
  readonly #lives: Child[] = []

  constructor(way: Way, path: string, settings: Settings) {
    this.way = way
    this.path = path
    this.#settings = settings
  }

  /** The one that runs, or the last that did. */
  get life(): Child {
    return this.#lives.at(-1) as Child
  }

  start(hub: string, via: readonly string[]): void {
    const { way, path } = this
    const life = `${way}-${this.#lives.length + 1}`
    const options: LiveClientOptions = { ...this.#settings, way, path, life, hub }
    this.#lives.push(Child.start('live-client', options, via))
  }

  /** Of appends that were acknowledged, one list for each. */
  get stored(): readonly (readonly string[])[] {
    return this.#lives.flatMap(storedIn)
  }

  /** Of what the hub has confirmed. */
  get confirmed(): readonly string[] {
    return this.#lives.flatMap((life) => storedIn(life).slice(0, confirmedIn(life))).flat()
  }

  /** Appends of this life that are under way. */
  get underWay(): number {
    return count(this.life, 'sending') - count(this.life, 'stored')
  }

  /** Acknowledged appends of this life that the hub has not confirmed. */
  get unconfirmed(): number {
    return count(this.life, 'stored') - confirmedIn(this.life)
  }

  /** What links warned of in all its lives. */
  get warnings(): readonly string[] {
    return this.#lives.flatMap(({ lines }) => lines.filter((line) => line.startsWith('warned ')))
  }

  /** Resolves when the hub confirms something from now on. */
  async getsThrough(): Promise<void> {
    await this.life.said('confirmed', count(this.life, 'confirmed') + 1)
  }

  /** Resolves when so many appends more have been acknowledged. */
  async writes(more: number): Promise<void> {
    await this.life.said('stored', count(this.life, 'stored') + more)
  }
}

export type Way = LiveClientOptions['way']
export type Settings = Pick<LiveClientOptions, 'token' | 'callers' | 'pace' | 'seed'>

function storedIn({ lines }: Child): readonly (readonly string[])[] {
  // stored BATCH ID...
  return lines.flatMap((line) => (line.startsWith('stored ') ? [line.split(' ').slice(2)] : []))
}

function confirmedIn({ lines }: Child): number {
  const last = lines.findLast((line) => line.startsWith('confirmed '))
  return Number(last?.split(' ')[1] ?? 0)
}

function count({ lines }: Child, word: string): number {
  return lines.filter((line) => line.startsWith(`${word} `)).length
}
