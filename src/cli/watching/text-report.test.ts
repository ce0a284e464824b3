import { describe, expect, it } from 'vitest'
import { Captured } from '../../../test/e2e/command-io.ts'
import { RejoinError } from '../../errors/index.ts'
import type { Explanation, SyncResult } from '../../sync/index.ts'
import { Output } from '../terminal/output.ts'
import { jsonReport } from './json-report.ts'
import { textReport } from './text-report.ts'

const noon = new Date(2026, 2, 1, 12).getTime()
const where = { operation: 'hello', component: 'transport/http' }
const refused = new RejoinError('network', 'nothing listens there', { ...where, retryable: true })
const live: Explanation = {
  remote: 'remote',
  phase: 'live',
  since: noon,
  doing: 'follows the remote',
  unsent: { count: 0, more: false },
  parked: [],
}
const waiting: Explanation = {
  ...live,
  phase: 'waiting',
  doing: 'waits before it tries again',
  unsent: { count: 3, more: false },
  blocked: {
    cause: 'unreachable',
    message: refused.message,
    since: noon - 60_000,
    nextAttempt: noon + 4_200,
    error: refused,
  },
}
const moved = { pushed: 1, pulled: 2, conflictsToReview: 1 } as SyncResult

function report({ terminal, pushes = true }: { terminal?: number; pushes?: boolean } = {}) {
  const stdout = new Captured(terminal)
  const out = new Output(stdout, { NO_COLOR: '1' })
  const clock = { at: noon, now: () => clock.at, monotonic: () => clock.at }
  return { stdout, clock, report: textReport(out, { url: 'http://hub', pushes, runtime: clock }) }
}

describe('what watching tells', () => {
  it('is a plain line for each state that begins, with why, since when and the next attempt', async () => {
    const { stdout, report: told } = report()
    await told.state({ ...live, phase: 'greeting' })
    await told.state(live)
    await told.state({ ...live, unsent: { count: 9, more: true } })
    await told.state(waiting)
    await told.state({ ...waiting, unsent: { count: 4, more: false } })
    await told.state({ ...waiting, since: noon + 5_000 })
    const why =
      '12:00:00  waiting: unreachable since 11:59:00, 3 events unsent, next attempt at 12:00:04: nothing listens there'
    expect(stdout.text.split('\n')).toEqual([
      '12:00:00  live: the remote has everything; follows the remote',
      why,
      why,
      '',
    ])
  })

  it('is one line on a terminal, which counts down and stays below what moves', async () => {
    const { stdout, clock, report: told } = report({ terminal: 90 })
    const last = () => stdout.text.split('\x1b[2K').at(-1)
    expect(last()).toBe('connecting to http://hub')
    await told.state(waiting)
    expect(last()).toBe(
      'waiting: unreachable since 11:59:00, 3 events unsent, next attempt in 5.0 s: nothing lis…',
    )
    clock.at += 4_000
    await told.state(waiting)
    expect(last()).toMatch('next attempt in 1.0 s: ')
    clock.at += 1_000
    await told.state(waiting)
    expect(last()).toMatch('trying now: ')
    await told.moved(moved)
    expect(last()).toMatch(
      /^12:00:05 {2}pushed 1 event, pulled 2 events, 1 conflict to review\nwaiting: /,
    )
    const before = stdout.text.split('\n').length
    expect(await told.end({ unsent: { count: 3, more: true }, refused: 1 })).toBe(1)
    expect(stdout.text.split('\n').length).toBe(before + 1)
    expect(
      stdout.text.endsWith(
        '12:00:05  stopped: at least 3 events unsent, to go with the next sync; 1 event refused by the remote\n',
      ),
    ).toBe(true)
  })

  it('has a bar on a terminal while a sync takes long, and each sync its own', async () => {
    const { stdout, clock, report: told } = report({ terminal: 90 })
    const last = () => stdout.text.split('\x1b[2K').at(-1)
    const syncing: Explanation = { ...live, phase: 'syncing', doing: 'syncs' }
    const halfway = { label: 'syncing', done: 500, total: 1_000, note: 'sent 0, read 500' }
    await told.state(syncing)
    told.progress(halfway)
    expect(last()).toMatch(/^syncing: /)
    clock.at += 200
    told.progress(halfway)
    expect(last()).toMatch(/^syncing {2}━+ +50 % {2}sent 0, read 500$/)
    await told.state(syncing)
    expect(last()).toMatch(/ 50 % /)
    await told.state(live)
    expect(last()).toMatch(/^live: /)
    // What is quick is over before anybody could read it.
    await told.state(syncing)
    told.progress({ ...halfway, done: 1, total: 2 })
    expect(last()).toMatch(/^syncing: /)
  })

  it('has no bar elsewhere', async () => {
    const { stdout, clock, report: told } = report()
    for (let n = 0; n < 3; n++) {
      told.progress({ label: 'syncing', done: n, total: 3 })
      clock.at += 1_000
    }
    expect(stdout.text).toBe('')
  })

  it('names a day that is not today, and lets nothing of a remote steer the terminal', async () => {
    const { stdout, report: told } = report()
    const error = new RejoinError('forbidden', 'go \x1b[2Jaway', where)
    const { blocked: _, ...rest } = waiting
    const since = noon - 48 * 3_600_000
    await told.state({ ...rest, blocked: { cause: 'forbidden', message: '', since, error } })
    expect(stdout.text).toBe(
      '12:00:00  waiting: forbidden since 2026-02-27 12:00:00, 3 events unsent, no attempt before somebody asks for it: go \\u001b[2Jaway; ask whoever runs the server for access\n',
    )
  })

  it.each([
    [{ unsent: { count: 0, more: false }, refused: 0 }, true, 0, 'the remote has everything'],
    [{ unsent: { count: 0, more: false }, refused: 2 }, true, 1, '2 events refused by the remote'],
    [
      { unsent: undefined, refused: 0 },
      true,
      1,
      'the remote was not reached; what it lacks goes with the next sync',
    ],
    [{ unsent: { count: 2, more: false }, refused: 0 }, false, 0, 'what was pulled is here'],
  ])('ends with what is left: %j, pushes: %s', async (end, pushes, code, words) => {
    const { stdout, report: told } = report({ pushes })
    expect(await told.end(end)).toBe(code)
    expect(stdout.text).toBe(`12:00:00  stopped: ${words}\n`)
  })

  it('is one JSON object a line where that is wanted, errors and advice included', async () => {
    const stdout = new Captured()
    const told = jsonReport(new Output(stdout, {}), true)
    await told.moved({ ...moved, errors: [refused] })
    await told.state(waiting)
    await told.state(waiting)
    await told.end({ unsent: undefined, refused: 0 })
    const lines = stdout.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toMatchObject([
      { kind: 'moved', pushed: 1, pulled: 2, errors: [{ code: 'network' }] },
      {
        kind: 'state',
        phase: 'waiting',
        unsent: { count: 3 },
        blocked: {
          cause: 'unreachable',
          since: noon - 60_000,
          nextAttempt: noon + 4_200,
          error: { code: 'network', advice: expect.any(String) },
        },
      },
      { kind: 'end', ok: false, unsent: null, refused: 0 },
    ])
    expect(lines).toHaveLength(3)
  })
})
