import { isDeepStrictEqual } from 'node:util'
import { RemoteActor } from './actor.ts'
import type { Aim, Case, Contestant, Sample } from './benchmark.ts'
import { type Spread, spreadOf } from './statistics.ts'

/** What a case came to. */
export interface Outcome {
  readonly ours: Standing
  readonly floor: Standing
  readonly ratio: Spread
  /** The ratio of each round, in order. */
  readonly ratios: readonly number[]
  readonly settings: NonNullable<Sample['settings']>
  /** Absent when nobody asked for them. */
  readonly peers?: readonly Peer[]
}

/** How a peer did in the same run. */
export interface Peer extends Standing {
  /** Our speed over theirs. */
  readonly ratio: Spread
  /** As the peer reads them back. */
  readonly settings: NonNullable<Sample['settings']>
}

export interface Standing {
  readonly label: string
  readonly events: number
  readonly milliseconds: Spread
  readonly perSecond: Spread
  /** For each event. */
  readonly bytes?: Spread
  readonly peakBytes: number
  readonly notes: NonNullable<Sample['notes']>
}

/**
 * Lets the sides take turns, each in one process for all its rounds: what is compared is code that runs for
 * hours, so the compiler has seen it, and each has a heap of its own. First a warm-up, then round by round
 * ours, the floor and the peers, one after the other, so that whatever the machine is busy with meets all
 * of them. The ratio is that of a round; its median counts.
 */
export async function contest(
  benchmark: string,
  { ours, floor, peers = [], aim }: Case,
  rounds: number,
  onRound: (round: number, ratio: number) => void,
): Promise<Outcome> {
  const sides: RemoteActor<Contestant>[] = []
  try {
    const entries = [ours, floor, ...peers]
    const records = entries.map(({ side, label = side }) => new Record(label))
    for (const { side: name, parameters } of entries)
      sides.push(await RemoteActor.begin({ benchmark, kind: 'sides', name, parameters }))
    const ratios: number[] = []
    for (let round = 0; round <= rounds; round++) {
      for (const [at, side] of sides.entries())
        (records[at] as Record).add(await side.call('round'), side.peakBytes, round === 0)
      const [our, their] = records.map((record) => record.last) as [Sample, Sample]
      sameSettings(our, their)
      if (round > 0) ratios.push(ratioOf(our, their, aim))
      onRound(round, ratioOf(our, their, aim))
    }
    for (const side of sides) await side.close()
    const [our, their, ...others] = records as [Record, Record, ...Record[]]
    const settings = our.last?.settings ?? {}
    return {
      ours: our.standing(),
      floor: their.standing(),
      ratio: spreadOf(ratios),
      ratios,
      settings,
      ...(others.length > 0 && { peers: others.map((other) => other.beside(our)) }),
    }
  } finally {
    for (const side of sides) side.end()
  }
}

/** What one side did, round by round. */
class Record {
  readonly #label: string
  readonly #samples: Sample[] = []
  #peakBytes = 0
  last: Sample | undefined

  constructor(label: string) {
    this.#label = label
  }

  add(sample: Sample, peakBytes: number, isWarmUp: boolean): void {
    this.last = sample
    this.#peakBytes = peakBytes
    if (!isWarmUp) this.#samples.push(sample)
  }

  standing(): Standing {
    const samples = this.#samples
    const isMemory = samples.every(({ bytes }) => bytes !== undefined)
    return {
      label: this.#label,
      events: this.last?.events ?? 0,
      milliseconds: spreadOf(samples.map((one) => one.milliseconds)),
      perSecond: spreadOf(samples.map(perSecond)),
      ...(isMemory && { bytes: spreadOf(samples.map(bytesOfEach)) }),
      peakBytes: this.#peakBytes,
      notes: this.last?.notes ?? {},
    }
  }

  /** How a peer stands beside ours. Its events may be fewer: what is compared is how many a second. */
  beside(ours: Record): Peer {
    const isMemory = this.#samples.every(({ bytes }) => bytes !== undefined)
    const of = isMemory ? 'memory' : 'speed'
    const ratios = this.#samples.map((one, at) => ratioOf(ours.#samples[at] as Sample, one, { of }))
    return { ...this.standing(), ratio: spreadOf(ratios), settings: this.last?.settings ?? {} }
  }
}

function ratioOf(ours: Sample, floor: Sample, { of }: Aim): number {
  if (of === 'memory') return bytesOfEach(ours) / bytesOfEach(floor)
  return of === 'time' ? ours.milliseconds / floor.milliseconds : perSecond(ours) / perSecond(floor)
}

function perSecond({ events, milliseconds }: Sample): number {
  return (events / milliseconds) * 1_000
}

function bytesOfEach({ bytes = 0, events }: Sample): number {
  return bytes / events
}

/** A floor under other conditions is none. */
function sameSettings(ours: Sample, floor: Sample): void {
  if (isDeepStrictEqual(ours.settings, floor.settings)) return
  const [one, other] = [ours, floor].map(({ settings }) => JSON.stringify(settings))
  throw new Error(`the sides run under different settings: ours ${one}, floor ${other}`)
}
