import { type Capability, checkCapable, type Runner } from './runner.ts'

/** One implementation of what is kept in places, as its suite needs it: how to open, reopen and crash it. */
export interface KeptFixture<Kept, Setup> {
  readonly name: string
  readonly capabilities: KeptCapabilities
  /** In a new, empty place. */
  open(setup: Setup): Promise<Kept>
  /** Closes it and opens what it left, with the same setup. */
  reopen(kept: Kept): Promise<Kept>
  /** Opens what a process that is killed at this very moment leaves; the one given is abandoned. */
  crash(kept: Kept): Promise<Kept>
  /** Opens the same data a second time while it is open, as another process does. */
  join(kept: Kept): Promise<Kept>
  /** Closes what is still open and removes every place. Called after each test. */
  dispose(): Promise<void>
}

export interface KeptCapabilities {
  /** What was acknowledged is there after `reopen` and `crash`. */
  readonly durable: Capability
  /** Several openings share one place; without it `join` is never called. */
  readonly multiProcess: Capability
}

/** Ways from one that is open to the next. */
export type Reopening<Kept> = Pick<KeptFixture<Kept, never>, 'reopen' | 'crash' | 'join'>

/** Registers one test; with `needs`, it is skipped where the implementation lacks that capability. */
export type KeptCheck<Bench, Need> = (
  name: string,
  run: (bench: Bench) => Promise<void>,
  needs?: Need,
) => void

export function reopening<Kept>(fixture: Reopening<Kept>): Reopening<Kept> {
  return {
    reopen: (kept) => fixture.reopen(kept),
    crash: (kept) => fixture.crash(kept),
    join: (kept) => fixture.join(kept),
  }
}

/** Each test is handed a bench of its own, and what it left open is disposed of. */
export function keptChecks<Bench, Need extends string>(
  runner: Runner,
  fixture: {
    readonly capabilities: Readonly<Record<Need, Capability>>
    dispose(): Promise<void>
  },
  benchOf: () => Bench,
): KeptCheck<Bench, Need> {
  return (name, run, needs) => {
    const test = async () => {
      try {
        await run(benchOf())
      } finally {
        await fixture.dispose()
      }
    }
    checkCapable(runner, name, test, needs === undefined ? [] : [fixture.capabilities[needs]])
  }
}
