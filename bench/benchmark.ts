import type { GoModuleName } from '../interop/go-module.ts'
import type { Actor } from './actor.ts'

/** One line of `performance.md`: some work of ours and the floor it is held against. */
export interface Benchmark {
  readonly id: string
  readonly title: string
  /** `scale` shrinks the work for a quick look; 1 is what the aims are about. */
  cases(scale: number): readonly Case[]
  /** Each runs in a process of its own, see actor.ts. */
  readonly sides: Readonly<Record<string, Side>>
  /** The other end of a side, also in a process of its own. */
  readonly servers?: Readonly<Record<string, (parameters: Parameters) => Promise<Actor>>>
}

/** A contest of two sides over the same work. */
export interface Case {
  /** Tells the cases of a benchmark apart. */
  readonly name: string
  readonly work: string
  readonly ours: Entry
  readonly floor: Entry
  readonly aim: Aim
  /** Other people's systems at the same kind of work; they only run when asked for. */
  readonly peers?: readonly Entry[]
  /** Instead of what the command line says; for work that takes minutes. */
  readonly rounds?: number
}

/** A side and what it is told to do. */
export interface Entry {
  /** What the results call it; default: the name of the side. */
  readonly label?: string
  readonly side: string
  readonly parameters: Parameters
  /** A program in Go, which it gets as the parameter `program`. Where there is none, the entry is left out. */
  readonly needs?: GoModuleName
}

export type Parameters = Readonly<Record<string, string | number>>

/** A ratio and what it should be. */
export interface Aim {
  /**
   * `speed`: our events per second over the floor's. `time`: our milliseconds over the floor's. `memory`: our
   * bytes for each event over the floor's.
   */
  readonly of: 'speed' | 'time' | 'memory'
  /** A speed is to be at least this, a time or memory at most. Absent: shown for comparison only. */
  readonly value?: number
}

/** Prepares what is not to be measured. */
export type Side = (parameters: Parameters) => Promise<Contestant>

export interface Contestant extends Actor {
  /** Does the work once, on fresh files. */
  round(): Promise<Sample>
}

export interface Server extends Actor {
  /** The address to use for the next round. */
  open(): Promise<string>
}

export interface Sample {
  readonly events: number
  readonly milliseconds: number
  /** What the work keeps, where memory is what is measured. */
  readonly bytes?: number
  /** What has to be the same on both sides, such as the settings SQLite reads back. */
  readonly settings?: Readonly<Record<string, string | number>>
  /** Other things worth knowing. */
  readonly notes?: Readonly<Record<string, string | number>>
}
