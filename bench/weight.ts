/**
 * What lives in this process: the heap after a collection, and what hangs on it. Not the resident set: how
 * much of that is free again depends on what was thrown away while connecting.
 */
export async function weight(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
