import fc from 'fast-check'

/**
 * Checks a property on random input. A failure prints its seed and path; REJOIN_SEED and REJOIN_PATH
 * replay it, REJOIN_RUNS asks for more than the usual number of runs.
 */
export function property<T>(
  arbitrary: fc.Arbitrary<T>,
  holds: (value: T) => Promise<void>,
  runs = 50,
): Promise<void> {
  const { REJOIN_SEED: seed, REJOIN_PATH: path, REJOIN_RUNS: more } = process.env
  return fc.assert(fc.asyncProperty(arbitrary, holds), {
    numRuns: more === undefined ? runs : Number(more),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(path === undefined ? {} : { path }),
  })
}
