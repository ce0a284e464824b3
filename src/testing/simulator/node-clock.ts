/** How a node's clock is wrong. */
export interface ClockError {
  /** Milliseconds its wall clock is ahead of the world's. */
  readonly skew?: number
  /** Its milliseconds per true millisecond; default 1. */
  readonly rate?: number
}

/** Which of its faults count: seconds of skew, and drift that shows within a world. */
export function clockFaults({ skew = 0, rate = 1 }: ClockError = {}) {
  return {
    skewedClocks: Math.abs(skew) >= 5_000 ? 1 : 0,
    driftingClocks: Math.abs(rate - 1) >= 0.000_1 ? 1 : 0,
  }
}

/** The clock of one machine: it goes on while the machine is down. */
export interface NodeClock {
  /** Wall clock, milliseconds since 1970. */
  now(): number
  monotonic(): number
  /** True milliseconds in that many of its own. */
  trueTime(ms: number): number
  /** Somebody sets the wall clock; the monotonic one does not notice. */
  jump(by: number): void
}

export function nodeClock(world: { readonly now: number }, error: ClockError = {}): NodeClock {
  const { rate = 1 } = error
  let { skew = 0 } = error
  return {
    now: () => Math.floor(worldEpoch + skew + world.now * rate),
    monotonic: () => world.now * rate,
    trueTime: (ms) => ms / rate,
    jump(by) {
      skew += by
    },
  }
}

/** Every simulated world begins on 1 March 2026. */
const worldEpoch = 1_772_323_200_000
