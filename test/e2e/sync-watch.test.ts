import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { SqliteStore } from '../../src/store/sqlite/index.ts'
import { rejoin, start, startHub } from './command-process.ts'
import { tempFolder } from './temp-folder.ts'

/** As an application does that has the same file open: from another process than those that watch. */
const append = async (path: string, data: number) => {
  await using store = await SqliteStore.open({ path })
  await store.append([{ type: 'NoteWritten', aggregateId: 'note-1', data }])
}

const watch = (store: string, url: string, ...options: readonly string[]) =>
  start(['sync', '--watch', '--store', store, '--remote', url, ...options])

it.each(['auto', 'sse', 'websocket', 'poll'])(
  'two machines that watch one server have what other processes append (%s)',
  async (live) => {
    const folder = tempFolder()
    const hub = await startHub(['--data', join(folder, 'hub')])
    const [laptop, phone] = [join(folder, 'laptop.db'), join(folder, 'phone.db')]
    const how = ['--live', live, ...(live === 'poll' ? ['--interval', '0.2'] : [])]
    const [one, two] = [watch(laptop, hub.url, ...how), watch(phone, hub.url, '--json', ...how)]
    const phase = live === 'poll' ? 'polling' : 'live'
    await one.printed(new RegExp(`^\\d\\d:\\d\\d:\\d\\d {2}${phase}: the remote has everything; `))
    await two.printed(new RegExp(`"kind":"state",.*"phase":"${phase}"`))
    await append(laptop, 1)
    await one.printed(/ {2}pushed 1 event\n/)
    await two.printed(/"kind":"moved",.*"pushed":0,"pulled":1,/)
    await append(phone, 2)
    await two.printed(/"kind":"moved",.*"pushed":1,"pulled":0,/)
    await one.printed(/ {2}pulled 1 event\n/)
    for (const { child } of [one, two]) child.kill('SIGINT')
    const ends = await Promise.all([one.ended, two.ended])
    expect(ends).toMatchObject([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ])
    expect(ends[0].stdout).toMatch(/ {2}stopped: the remote has everything\n$/)
    const lines = ends[1].stdout.trimEnd().split('\n')
    expect(JSON.parse(lines.at(-1) as string)).toEqual({
      kind: 'end',
      ok: true,
      unsent: { count: 0, more: false },
      refused: 0,
    })
  },
  60_000,
)

it('tells why it does not drain, since when and when it tries again, and comes back by itself', async () => {
  const folder = tempFolder()
  const data = ['--data', join(folder, 'hub')]
  const store = join(folder, 'laptop.db')
  const hub = await startHub(data)
  const { port } = new URL(hub.url)
  const [text, json] = [watch(store, hub.url), watch(store, hub.url, '--json')]
  await text.printed(/ live: /)
  await json.printed(/"phase":"live"/)
  hub.child.kill('SIGKILL')
  await hub.ended
  await append(store, 1)
  const time = '\\d\\d:\\d\\d:\\d\\d'
  await text.printed(
    new RegExp(
      `waiting: unreachable since ${time}, 1 event unsent, (trying now|next attempt at ${time}): can't reach http`,
    ),
  )
  const [line] = await json.printed(/^.*"phase":"waiting".*"count":1,.*$/m)
  const { since, phase, unsent, blocked } = JSON.parse(line)
  expect({ phase, unsent, cause: blocked.cause }).toEqual({
    phase: 'waiting',
    unsent: { count: 1, more: false },
    cause: 'unreachable',
  })
  expect(blocked.since).toBeLessThanOrEqual(since)
  expect(blocked.nextAttempt).toBeGreaterThan(blocked.since)
  await restart(port, data)
  // Whichever of the two comes first.
  await Promise.race([text.printed(/ pushed 1 event\n/), json.printed(/"kind":"moved"/)])
}, 120_000)

it('says what is unsent when it is interrupted, and exits with 1', async () => {
  const folder = tempFolder()
  const hub = await startHub(['--data', join(folder, 'hub')])
  const store = join(folder, 'laptop.db')
  const watching = watch(store, hub.url)
  await watching.printed(/ live: /)
  hub.child.kill('SIGKILL')
  await hub.ended
  rmSync(join(folder, 'hub'), { recursive: true })
  await append(store, 1)
  await watching.printed(/ 1 event unsent, /)
  watching.child.kill('SIGINT')
  const { code, stdout } = await watching.ended
  expect(code).toBe(1)
  expect(stdout).toMatch(/ {2}stopped: 1 event unsent, to go with the next sync\n$/)
}, 60_000)

it('sends what is left when it is interrupted, though it was waiting', async () => {
  const folder = tempFolder()
  const data = ['--data', join(folder, 'hub')]
  const hub = await startHub(data)
  const store = join(folder, 'laptop.db')
  const watching = watch(store, hub.url)
  await watching.printed(/ live: /)
  hub.child.kill('SIGKILL')
  await hub.ended
  await append(store, 1)
  await watching.printed(/ 1 event unsent, /)
  await restart(new URL(hub.url).port, data)
  watching.child.kill('SIGTERM')
  const { code, stdout } = await watching.ended
  expect(code).toBe(0)
  expect(stdout).toMatch(/ {2}stopped: the remote has everything\n$/)
  const log = await rejoin(['log', '--remote', hub.url])
  expect(log.stdout.trimEnd().split('\n')).toHaveLength(1)
}, 60_000)

it('says what to do about a token that is missing, and what is unsent when nobody knows', async () => {
  const folder = tempFolder()
  const hub = await startHub(['--data', join(folder, 'hub'), '--token', 'secret'])
  const store = join(folder, 'laptop.db')
  await append(store, 1)
  const refused = watch(store, hub.url)
  await refused.printed(/waiting: unauthorized since .*; give the server's token with --token/)
  refused.child.kill('SIGINT')
  expect(await refused.ended).toMatchObject({ code: 1 })
  const welcome = watch(store, hub.url, '--token', 'secret')
  await welcome.printed(/ {2}pushed 1 event\n/)
}, 60_000)

/** The same hub at the same address. */
async function restart(port: string, data: readonly string[]): Promise<void> {
  await start(['serve', '--port', port, ...data]).printed(/^listening on /)
}
