import { type LateWrite, listOf, timeOf } from '../../../contracts/index.ts'
import type { ClusterCounts } from './cluster-counts.ts'
import type { ClusterScenario } from './cluster-scenario.ts'
import type { Collected } from './disk-state.ts'
import type { Report } from './state-ledger.ts'
import { shown, versionOf } from './version.ts'

/**
 * Which tombstones servers have let go, and whom they had to wait for: who has said how far it has come, and who has
 * read there in peace for so long that it must have said so. Of those nothing may be taken for older than what is
 * forgotten, unless it was away beyond the horizon.
 */
export class TombstoneWaits {
  readonly #report: Report
  readonly #counts: ClusterCounts
  /** By server and list. */
  readonly #gone = new Map<string, Gone[]>()
  readonly #late = new Set<string>()
  /** Server and reader, and since when nothing has come between them. */
  readonly #inPeace = new Map<string, number>()
  /** There is no horizon within the world's time; beyond one, what servers forget is forgotten at other times. */
  readonly #waits: boolean
  /** Server and reader. */
  readonly #known = new Set<string>()
  /** How often each server's disk was another one. */
  readonly #disks = new Map<string, number>()
  /** The network lets all through. */
  #isWhole: boolean

  constructor(report: Report, counts: ClusterCounts, { weather, collecting }: ClusterScenario) {
    this.#report = report
    this.#counts = counts
    this.#isWhole = weather.loss === 0
    this.#waits = (collecting?.horizon ?? 0) > longest
  }

  /** A page of a server goes to a reader. */
  page(server: string, reader: string, now: number): void {
    if (!this.#isWhole) return
    const pair = `${server} ${reader}`
    const since = this.#inPeace.get(pair)
    if (since === undefined) this.#inPeace.set(pair, now)
    else if (now - since >= longEnough) this.#known.add(pair)
  }

  /** Some can't reach others, from now on or no longer. */
  network(isWhole: boolean): void {
    this.#isWhole = isWhole
    this.#inPeace.clear()
  }

  /** A server's process is another one, or its disk is. */
  another(name: string, what: 'process' | 'disk'): void {
    const isOf = (pair: string) => pair.split(' ').includes(name)
    for (const pair of [...this.#inPeace.keys()]) if (isOf(pair)) this.#inPeace.delete(pair)
    if (what === 'process') return
    for (const pair of [...this.#known]) if (isOf(pair)) this.#known.delete(pair)
    this.#disks.set(name, (this.#disks.get(name) ?? 0) + 1)
  }

  collected(server: string, { tombstone, readers }: Collected): void {
    if (readers === undefined) this.#counts.collectedByHorizon++
    if (!this.#waits) return
    const place = `${server} ${listOf(tombstone.path)}`
    const known = [...this.#known].map((pair) => pair.split(' '))
    const waited =
      readers === undefined
        ? []
        : [
            ...readers.map((reader) => this.#asOf(reader)),
            ...known.flatMap(([at, reader]) =>
              at === server && reader ? [this.#onItsDisk(reader)] : [],
            ),
          ]
    const gone = { time: timeOf(tombstone), waited: new Set(waited) }
    this.#gone.set(place, [...(this.#gone.get(place) ?? []), gone])
  }

  /** `false` when it was told before: a server finds it on its disk again when it starts. */
  late(server: string, { change, via, position }: LateWrite): boolean {
    const id = `${server} ${via} ${position} ${change.path} ${timeOf(change)}`
    if (this.#late.has(id)) return false
    this.#late.add(id)
    const writer = this.#onItsDisk(nodeIn(via))
    const place = `${server} ${listOf(change.path)}`
    const gone = this.#gone.get(place)?.filter(({ time }) => time >= timeOf(change)) ?? []
    if (
      gone.length > 0 &&
      gone.every(({ waited }) => waited.has(this.#asOf(via)) || waited.has(writer))
    )
      this.#report(
        'K1',
        `${server} keeps ${shown(versionOf(change))} aside, of ${via}, for which it had to wait`,
      )
    return true
  }

  /** An older backup goes by the same origin until it has something to be noticed by: it has passed less. */
  #asOf(origin: string): string {
    return `${origin} of ${this.#onItsDisk(nodeIn(origin))}`
  }

  #onItsDisk(name: string): string {
    return `${name} on its disk ${this.#disks.get(name) ?? 0}`
  }
}

function nodeIn(origin: string): string {
  return origin.split('~')[0] as string
}

interface Gone {
  readonly time: bigint
  readonly waited: ReadonlySet<string>
}

/** Milliseconds after which a reader has said that it is one. */
const longEnough = 15_000
/** Milliseconds that no world takes. */
const longest = 86_400_000
