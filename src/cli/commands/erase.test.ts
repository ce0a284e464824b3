import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runHere } from '../../../test/e2e/command-io.ts'
import { tempFolder } from '../../../test/e2e/temp-folder.ts'

describe('erase', () => {
  it('tells what it would do, and does it with --yes', async () => {
    const store = await filled()
    const asked = await runHere(['erase', '--store', store, '--aggregate', 'a'])
    expect(asked).toEqual({
      code: 1,
      stdout: '',
      stderr: 'this would erase 2 events for good; say so with --yes\n',
    })
    expect(readFileSync(store).includes('secret of one')).toBe(true)
    const done = await runHere(['erase', '--store', store, '--aggregate', 'a', '--yes'])
    expect(done).toEqual({
      code: 0,
      stdout: 'erased 2 events; replicas follow as they sync\n',
      stderr: '',
    })
    expect(readFileSync(store).includes('secret of one')).toBe(false)
    expect(readFileSync(store).includes('secret of three')).toBe(true)
    const { stdout } = await runHere(['status', '--store', store])
    expect(stdout).toMatch(/erased {4}2 events\n/)
    expect((await runHere(['verify', '--store', store])).code).toBe(0)
  })

  it('erases events by id, and says which are not here', async () => {
    const store = await filled()
    const args = ['erase', '--store', store, '--event', 'one', '--event', 'nobody']
    expect((await runHere(args)).stderr).toMatch(/^this would erase 1 event for good/)
    expect(await runHere([...args, '--yes'])).toEqual({
      code: 1,
      stdout: 'erased 1 event; replicas follow as they sync\n',
      stderr: 'not here, so not erased: nobody\n',
    })
  })

  it.each([
    [[], /say what to erase: --event ID or --aggregate ID/],
    [['--event', 'one', '--aggregate', 'a'], /exclude each other/],
  ])('called with %j is misuse', async (args, words) => {
    const ran = await runHere(['erase', '--store', await filled(), ...args])
    expect(ran.code).toBe(2)
    expect(ran.stderr).toMatch(words)
  })
})

/** A log with `one` and `two` of aggregate `a`, and `three` of `b`. */
async function filled(): Promise<string> {
  const store = join(tempFolder(), 'notes.db')
  const stdin = ['one', 'two', 'three']
    .map((id) => {
      const aggregateId = id === 'three' ? 'b' : 'a'
      return `${JSON.stringify({ id, type: 'Noted', aggregateId, data: `secret of ${id}` })}\n`
    })
    .join('')
  await runHere(['append', '--store', store], { stdin })
  return store
}
