/** Resolves when nothing is in the way any more; rejects, naming it, when that takes too long. */
export async function until(
  what: () => string,
  problems: () => Promise<readonly string[]>,
  limit = 60_000,
): Promise<number> {
  const began = performance.now()
  for (;;) {
    const found = await problems()
    const took = Math.round(performance.now() - began)
    if (found.length === 0) return took
    if (took > limit) throw new Error(`not within ${limit} ms: ${what()}\n${shown(found)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function shown(problems: readonly string[]): string {
  return problems
    .slice(0, 10)
    .map((problem) => problem.slice(0, 2_000))
    .join('\n')
}
