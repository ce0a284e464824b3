import { describe, expect, it } from 'vitest'
import { Gathering } from './gathering.ts'

describe('a commit that is flushed', () => {
  it('waits for one turn of the loop when writers come alone', async () => {
    const loop = turns()
    const gathering = new Gathering(loop)
    for (let commit = 0; commit < 3; commit++) {
      expect(await loop.until(gathering.gather(() => 1))).toBe(1)
      await gathering.commit(1, () => loop.takes(10))
    }
  })

  it('waits until as many are back as lately shared one', async () => {
    const loop = turns()
    const gathering = new Gathering(loop)
    await gathering.commit(8, () => loop.takes(10))
    let here = 1
    loop.onTurn = () => (here += 1)
    await loop.until(gathering.gather(() => here))
    expect(here).toBe(8)
  })

  it('waits for the next of them at most half as long as a commit takes', async () => {
    const loop = turns()
    const gathering = new Gathering(loop)
    for (let commit = 0; commit < 20; commit++) await gathering.commit(8, () => loop.takes(1))
    const begin = loop.monotonic()
    await loop.until(gathering.gather(() => 3))
    expect(loop.monotonic() - begin).toBeGreaterThan(0.4)
    expect(loop.monotonic() - begin).toBeLessThan(0.7)
  })

  it('forgets a crowd that has gone after a few commits', async () => {
    const loop = turns()
    const gathering = new Gathering(loop)
    await gathering.commit(64, () => loop.takes(1))
    let commits = 0
    for (; (await loop.until(gathering.gather(() => 1))) > 1; commits++)
      await gathering.commit(1, () => loop.takes(1))
    expect(commits).toBeLessThanOrEqual(6)
  })
})

/** An event loop of which each turn takes a tenth of a millisecond. */
function turns() {
  let now = 0
  let turn: (() => void) | undefined
  const loop = {
    onTurn: () => {},
    monotonic: () => now,
    soon(callback: () => void) {
      turn = callback
    },
    async takes(milliseconds: number) {
      now += milliseconds
    },
    /** How many turns it took. */
    async until(work: Promise<void>): Promise<number> {
      let isDone = false
      void work.then(() => (isDone = true))
      for (let count = 0; ; count++) {
        await new Promise((resolve) => setImmediate(resolve))
        if (isDone) return count
        now += 0.1
        loop.onTurn()
        turn?.()
      }
    },
  }
  return loop
}
