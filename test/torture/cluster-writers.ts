import { Child } from './child.ts'
import type { ClusterWriterOptions } from './children/cluster-writer.ts'
import { ClusterLedger } from './cluster-ledger.ts'
import type { ClusterPlaces } from './cluster-places.ts'

export interface WritersSettings extends Omit<ClusterWriterOptions, 'name' | 'servers'> {
  /** Which servers each process of writers writes to; it runs where the first is. */
  readonly writers: readonly (readonly number[])[]
}

/** What a server answered; status 0: nothing, and why. */
export interface Told {
  readonly status: number
  readonly text: string
}

/** The clients of a cluster, outside all servers: they write, and know what they were promised. */
export class ClusterWriters {
  readonly #settings: WritersSettings
  readonly #children: readonly Child[]
  #asked = 0

  constructor(places: ClusterPlaces, settings: WritersSettings) {
    const { writers, ...rest } = settings
    this.#settings = settings
    this.#children = writers.map((numbers, at) => {
      const servers = numbers.map((server) => places.address(server))
      const options: ClusterWriterOptions = { ...rest, name: `w${at}`, servers }
      return Child.start('cluster-writer', options, places.via(numbers[0] as number))
    })
  }

  /** Writes that were acknowledged so far. */
  get acknowledged(): number {
    return this.#children.reduce((total, child) => total + countOf(child, 'answered'), 0)
  }

  /** Writes that nobody has answered yet. */
  get underWay(): number {
    const count = (word: string) =>
      this.#children.reduce((total, child) => total + countOf(child, word), 0)
    return count('sending') - count('answered') - count('refused') - count('lost')
  }

  /** Each process of them gets so many through from now on. */
  async goOn(more = 1): Promise<void> {
    await Promise.all(
      this.#children.map((child) => child.said('answered', countOf(child, 'answered') + more)),
    )
  }

  /** Resolves when so many writes have been acknowledged. */
  async acknowledge(writes: number): Promise<void> {
    while (this.acknowledged < writes) await this.goOn()
  }

  /** So many more objects that this server has acknowledged. */
  async insist(server: number, objects: number): Promise<void> {
    const { child, place } = this.#whoReaches(server)
    const times = countOf(child, 'insisted')
    child.tell(`insist ${place} ${objects}`)
    await child.said('insisted', times + 1)
  }

  async ask(server: number, ...asked: readonly string[]): Promise<Told> {
    const { child, place } = this.#whoReaches(server)
    const number = ++this.#asked
    child.tell(['ask', number, place, ...asked].join(' '))
    const [, , status, ...text] = (await child.said(`told ${number}`)).split(' ')
    return { status: Number(status), text: text.join(' ') }
  }

  /** No more is written. */
  async finish(): Promise<void> {
    for (const child of this.#children) child.tell('finish')
    await Promise.all(this.#children.map((child) => child.said('finished')))
  }

  ledger(): ClusterLedger {
    const ledger = new ClusterLedger()
    for (const { lines } of this.#children) ledger.hear(lines)
    return ledger
  }

  async end(): Promise<void> {
    await Promise.all(this.#children.map((child) => child[Symbol.asyncDispose]()))
  }

  /** And by which number. */
  #whoReaches(server: number): { readonly child: Child; readonly place: number } {
    const at = this.#settings.writers.findIndex((servers) => servers.includes(server))
    const place = this.#settings.writers[at]?.indexOf(server)
    const child = this.#children[at]
    if (child === undefined || place === undefined) throw new Error(`nobody writes to ${server}`)
    return { child, place }
  }
}

export function countOf({ lines }: Child, word: string): number {
  return lines.filter((line) => line === word || line.startsWith(`${word} `)).length
}
