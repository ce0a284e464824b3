import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect } from 'vitest'

/** The whole torture, or a sample of a few seconds. */
const isFull = process.env.REJOIN_TORTURE === 'full'

export function scaled<T>({ full, sample }: { readonly full: T; readonly sample: T }): T {
  return isFull ? full : sample
}

/** REJOIN_SEED repeats a run's choices. When a process really dies stays up to the machine. */
export const seed = process.env.REJOIN_SEED ?? String(Math.floor(Math.random() * 2 ** 32))

afterEach(({ task }) => {
  if (task.result?.state === 'fail') console.log(`REJOIN_SEED=${seed} repeats its choices`)
})

/**
 * Prints one line of counts. What is counted is what makes the test hard, so a count below its least
 * (1, unless given) fails: a torture that did not hurt proves nothing.
 */
export function report<Counted extends string>(
  test: string,
  counts: Readonly<Record<Counted, number>>,
  least?: Readonly<Partial<Record<NoInfer<Counted>, number>>>,
): void {
  const all = Object.entries<number>(counts)
  const words = all.map(([what, count]) => `${count} ${what}`).join(', ')
  console.log(`${test}: ${words} (${isFull ? 'full' : 'sample'}, seed ${seed})`)
  const tooFew = all.filter(([what, count]) => count < (least?.[what as Counted] ?? 1))
  expect(Object.fromEntries(tooFew), `${test}: too few of these (seed ${seed})`).toEqual({})
}

/** The random part of a random moment; nothing waits for it. */
export function moment(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** A folder that goes away with the block. In memory where the test is about bytes, not about a disk. */
export function scratch({ inMemory = false } = {}): Disposable & { readonly path: string } {
  const path = makeFolder(inMemory ? ['/dev/shm', tmpdir()] : [tmpdir()])
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

function makeFolder(places: readonly string[]): string {
  for (const place of places) {
    try {
      return mkdtempSync(join(place, 'rejoin-torture-'))
    } catch (error) {
      if (place === places.at(-1)) throw error
    }
  }
  throw new Error('no place for a folder')
}
