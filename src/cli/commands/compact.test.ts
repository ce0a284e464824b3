import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runHere } from '../../../test/e2e/command-io.ts'
import { tempFolder } from '../../../test/e2e/temp-folder.ts'
import type { Origin } from '../../event/index.ts'
import { SqliteStore } from '../../store/sqlite/index.ts'
import { start } from '../../version/index.ts'

describe('compact', () => {
  it('drops what a snapshot stands for, and the log shows it', async () => {
    const store = await filled()
    expect(await runHere(['compact', '--store', store, ...atOnce])).toEqual({
      code: 0,
      stdout: 'compacted 2 events in 1 aggregate, about 22 B\n',
      stderr: '',
    })
    const { stdout } = await runHere(['log', '--store', store])
    expect(stdout.match(/\(compacted\)/g)).toHaveLength(2)
    expect((await runHere(['verify', '--store', store])).code).toBe(0)
    expect((await runHere(['compact', '--store', store, ...atOnce])).stderr).toBe(
      'nothing more here has a snapshot that stands for it; applications take them with node.snapshot()\n',
    )
    const again = await runHere(['compact', '--store', store, '--json'])
    expect(JSON.parse(again.stdout)).toMatchObject({ compacted: 0, upTo: '4', kept: [] })
  })

  it('keeps what a snapshot younger than 30 days stands for, or than --older-than says', async () => {
    const store = await filled()
    for (const age of [[], ['--older-than', '30d'], ['--older-than', '1h']])
      expect(await runHere(['compact', '--store', store, ...age])).toEqual({
        code: 0,
        stdout: 'compacted 0 events in 0 aggregates, about 0 B\n',
        stderr:
          'kept 1 aggregate, such as a: its snapshot is younger than the horizon; see --older-than\n',
      })
    const json = await runHere(['compact', '--store', store, '--json'])
    expect(JSON.parse(json.stdout).kept).toEqual([
      { reason: 'young', aggregates: 1, aggregateId: 'a' },
    ])
  })

  it.each(['30', 'd', '1.5h', '-1d', '2w', '999999999999999d'])(
    'refuses --older-than %s, and says what it may be',
    async (age) => {
      const ran = await runHere(['compact', '--store', await filled(), `--older-than=${age}`])
      expect(ran.code).not.toBe(0)
      expect(ran.stderr).toContain('such as 30d, 12h, 90m or 45s, or 0')
    },
  )

  it('says what stood in the way', async () => {
    const path = await filled()
    const link = 'hub~0123456789abcdef' as Origin
    {
      await using store = await SqliteStore.open({ path })
      const page = await store.changes(start, { count: 1, bytes: 1 })
      const pushed = page.kind === 'page' ? page.cursor : start
      const settlement = { link, generation: 0, expects: start, pushed }
      await store.settle({ ...settlement, parked: [], unparked: [] })
      await store.projections.commit({ name: 'sums', expects: undefined, head: '{}', writes: [] })
    }
    const ran = await runHere(['compact', '--store', path, ...atOnce])
    expect(ran.stdout).toBe('compacted 0 events in 0 aggregates, about 0 B\n')
    expect(ran.stderr.split('\n').sort()).toEqual([
      '',
      `kept 1 aggregate, such as a: sums has read only up to 0`,
      `kept 1 aggregate, such as a: the server ${link} has got this log only up to 1`,
    ])
    const args = [
      'compact',
      '--store',
      path,
      ...atOnce,
      '--leave-behind',
      link,
      '--leave-behind',
      'sums',
    ]
    const early = await runHere([...args, '--before', '2'])
    expect(early.stderr).toBe('kept 1 aggregate, such as a: it stands behind --before\n')
    expect((await runHere(args)).stdout).toMatch(/^compacted 2 events/)
  })
})

/** Without the horizon in time. */
const atOnce = ['--older-than', '0']

/** A log with two events of aggregate `a`, their snapshot, and one of `b`. */
async function filled(): Promise<string> {
  const store = join(tempFolder(), 'notes.db')
  const stdin = ['Noted a', 'Noted a', 'rejoin.snapshot a', 'Noted b']
    .map((event) => {
      const [type, aggregateId] = event.split(' ')
      return `${JSON.stringify({ type, aggregateId, data: 'some data' })}\n`
    })
    .join('')
  await runHere(['append', '--store', store], { stdin })
  return store
}
