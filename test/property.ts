import fc from 'fast-check'

/** Checks a property on random input; REJOIN_RUNS asks for more than the usual number of runs. */
export function property<T>(
  arbitrary: fc.Arbitrary<T>,
  holds: (value: T) => Promise<void>,
  runs = 50,
): Promise<void> {
  const { REJOIN_RUNS: more } = process.env
  const numRuns = more === undefined ? runs : Number(more)
  return fc.assert(fc.asyncProperty(arbitrary, holds), { numRuns })
}
