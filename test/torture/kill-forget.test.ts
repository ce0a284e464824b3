import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openState, type StateWrite } from '../../src/state/index.ts'
import { SqliteStateStorage } from '../../src/store/sqlite/index.ts'
import { seededRandom } from '../../src/testing/simulator/random.ts'
import { Child } from './child.ts'
import { moment, report, scaled, scratch, seed } from './torture.ts'

const plan = scaled({ full: { kills: 16, objects: 10_000 }, sample: { kills: 1, objects: 3_000 } })

it('L4: a server that is killed while it forgets a key for another leader has forgotten all of it or nothing', {
  timeout: 600_000,
}, async () => {
  using folder = scratch()
  const path = join(folder.path, 'state.db')
  const random = seededRandom(seed)
  const seen = { all: 0, nothing: 0, half: 0 }
  const keys = ['--key', 'users/*', '--key', 'settings', '--forget-on-leader-change', 'users/*']
  // Nobody is there: what it forgets is its own affair.
  const serve = (leader: number) =>
    Child.command(
      ...['serve', '--data', folder.path, '--port', '0', '--leader', `127.0.0.1:${leader}`],
      ...keys,
    )
  const opened = async (leader: number) => {
    await using child = serve(leader)
    await child.said('listening')
  }
  await filled(path)
  await opened(1)
  for (let kill = 1, leader = 2; kill <= plan.kills; kill++) {
    const before = await countOf(path)
    await using child = serve(leader)
    const listening = child.said('listening')
    listening.catch(() => {}) // it is dead by then
    if (random.chance(0.5)) {
      await Promise.race([listening, grown(`${path}-wal`, 0)])
      lookUntilGrown(`${path}-wal`, someCommit)
    } else {
      await Promise.race([listening, grown(`${path}-shm`, 0)])
      await moment(random.next() * 200)
    }
    await child.kill()
    const wasWritten = sizeOf(`${path}-wal`) > someCommit
    const left = await countOf(path)
    expect([before, 0]).toContain(left)
    if (left === 0) seen.all++
    else {
      seen.nothing++
      if (wasWritten) seen.half++
    }
    // The next start does the rest.
    await opened(leader)
    expect(await countOf(path)).toBe(0)
    leader++
    await filled(path)
  }
  report(
    'kill -9 of a server that forgets a key',
    {
      kills: plan.kills,
      'with all of it forgotten': seen.all,
      'with nothing forgotten': seen.nothing,
      'with half a commit on the disk': seen.half,
    },
    scaled({
      full: { kills: 16 },
      sample: {
        'with all of it forgotten': 0,
        'with nothing forgotten': 0,
        'with half a commit on the disk': 0,
      },
    }),
  )
})

async function filled(path: string): Promise<void> {
  const storage = await SqliteStateStorage.open({ path, durability: 'normal' })
  await using tree = await openState({ storage })
  await tree.set('settings', 'kept')
  for (let from = 0; from < plan.objects; from += 1_000) {
    const writes = Array.from(
      { length: 1_000 },
      (_, at): StateWrite => ({ set: `users/${from + at}`, data: { text: 'x'.repeat(100) } }),
    )
    await tree.write(writes)
  }
}

/** Of what may be forgotten; the rest is there. */
async function countOf(path: string): Promise<number> {
  const storage = await SqliteStateStorage.open({ path })
  await using tree = await openState({ storage })
  expect((await tree.get('settings'))?.data).toBe('kept')
  return (await tree.list('users/*')).length
}

/** The file is open, or a commit of more than a few rows is being written. */
async function grown(file: string, bytes: number): Promise<void> {
  while (sizeOf(file) <= bytes) await moment(0)
}

/** The commit is written in a few milliseconds, and a timer would be too late for it. */
function lookUntilGrown(file: string, bytes: number): void {
  for (const end = performance.now() + 2_000; performance.now() < end && sizeOf(file) <= bytes; );
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

/** Bytes. */
const someCommit = 128 * 1024
