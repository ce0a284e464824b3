import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runHere } from '../../../test/e2e/command-io.ts'
import { skippableTime } from '../../../test/e2e/skipped-time.ts'
import { tempFolder } from '../../../test/e2e/temp-folder.ts'
import type { EventStore } from '../../contracts/index.ts'
import { serve } from '../../server/index.ts'
import { MemoryStore } from '../../store/memory/index.ts'
import { logHandler } from '../../transport/http/index.ts'
import { Interruption } from '../interruption.ts'

interface Hub {
  readonly url: string
  readonly store: EventStore
}

async function hub(tokens: readonly string[] = []): Promise<Hub> {
  const store = await MemoryStore.open({ node: 'hub' })
  const mounts = { '/sync': logHandler(store) }
  const { url, close } = await serve({ mounts, port: 0, tokens })
  onTestFinished(async () => {
    await close()
    await store.close()
  })
  return { url, store }
}

/** A server that takes connections and never answers. */
async function silentHub(): Promise<string> {
  const server = await serve({
    mounts: { '/sync': () => new Promise<never>(() => {}) },
    port: 0,
    grace: 1,
  })
  onTestFinished(() => server.close())
  return server.url
}

async function storeWith(count: number, type = 'NoteWritten'): Promise<string> {
  const store = join(tempFolder(), 'notes.db')
  const line = `{"type":"${type}","aggregateId":"note-1","data":{}}\n`
  await runHere(['append', '--store', store], { stdin: line.repeat(count) })
  return store
}

describe('sync', () => {
  it('brings two machines to the same log', async () => {
    const { url } = await hub()
    const laptop = await storeWith(3, 'Laptop')
    const phone = join(tempFolder(), 'phone.db')
    const sync = (store: string) => runHere(['sync', '--store', store, '--remote', url])
    expect((await sync(laptop)).stdout).toMatch(/^synced: pushed 3 events, pulled 0, in .* m?s\n$/)
    expect((await sync(phone)).stdout).toMatch(/^synced: pushed 0 events, pulled 3, in /)
    expect(await sync(phone)).toMatchObject({ code: 0, stderr: '' })
    const status = await runHere(['status', '--store', laptop])
    expect(status.stdout).toMatch(
      /link to hub~[0-9a-f]+\n {2}unsynced {2}nothing\n {2}parked {4}none/,
    )
  })

  it('goes one way only when told to', async () => {
    const { url } = await hub()
    const [laptop, phone] = [await storeWith(2), await storeWith(3)]
    const sync = (store: string, ...way: string[]) =>
      runHere(['sync', '--store', store, '--remote', url, '--json', ...way])
    await sync(laptop)
    expect(JSON.parse((await sync(phone, '--push-only')).stdout)).toMatchObject({
      ok: true,
      pushed: 3,
      pulled: 0,
    })
    expect(JSON.parse((await sync(laptop, '--pull-only')).stdout)).toMatchObject({
      pushed: 0,
      pulled: 3,
    })
    await runHere(['append', '--store', laptop], { stdin: '{"type":"T","aggregateId":"a"}' })
    expect(JSON.parse((await sync(laptop, '--pull-only')).stdout)).toMatchObject({ pushed: 0 })
    const status = await runHere(['status', '--store', laptop])
    expect(status.stdout).toMatch(/unsynced {2}1 event\n/)
  })

  it('shows the token it is given, also from the environment', async () => {
    const { url } = await hub(['secret'])
    const store = await storeWith(1)
    const args = ['sync', '--store', store, '--remote', url]
    const refused = await runHere(args)
    expect(refused.code).toBe(1)
    expect(refused.stdout).toMatch(/^not synced: pushed 0 events/)
    expect(refused.stderr).toMatch(
      /^error: .*; give the server's token with --token or in REJOIN_TOKEN\n$/,
    )
    expect((await runHere([...args, '--token', 'secret'])).code).toBe(0)
    expect((await runHere(args, { env: { REJOIN_TOKEN: 'secret' } })).code).toBe(0)
  })

  it('says what to do when the remote cannot be reached', async () => {
    const store = await storeWith(1)
    const args = ['sync', '--store', store, '--remote', 'http://127.0.0.1:1']
    const ran = await runHere(args)
    expect(ran.code).toBe(1)
    expect(ran.stderr).toMatch(/^error: can't reach .*; nothing is lost: sync again when .*\n$/)
    const json = await runHere([...args, '--json'])
    expect(json.code).toBe(1)
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      errors: [{ code: 'network', retryable: true, advice: expect.any(String) }],
    })
  })

  it('syncs only what --filter shows, and names what is wrong with it', async () => {
    const { url, store: remote } = await hub()
    const store = await storeWith(3)
    const args = ['sync', '--store', store, '--remote', url, '--filter']
    const ran = await runHere([...args, '{"aggregates":["other-*"]}'])
    expect(ran.stdout).toMatch('pushed 0 events')
    expect((await remote.status()).events).toBe(0n)
    const wrong = await runHere([...args, '{"types":[]}'])
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toMatch(
      /--filter makes no sense: filter\.types must be a list of 1 to 1000/,
    )
    expect((await runHere([...args, '{"key":"k"}'])).stderr).toMatch(/code can't be given here/)
  })

  it('gives up after --timeout', async () => {
    const store = await storeWith(1)
    const url = await silentHub()
    const ran = await runHere(['sync', '--store', store, '--remote', url, '--timeout', '0.2'])
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/^rejoin sync: not done after 0\.2 s; .*--timeout\n$/)
  })

  it('stops at Ctrl-C with 130, and says that nothing is lost', async () => {
    const store = await storeWith(1)
    const interruption = new AbortController()
    const running = runHere(['sync', '--store', store, '--remote', await silentHub()], {
      signal: interruption.signal,
    })
    setImmediate(() => interruption.abort(new Interruption('SIGINT')))
    expect(await running).toEqual({
      code: 130,
      stdout: '',
      stderr: 'interrupted; what was moved stays moved: sync again to go on\n',
    })
  })

  it('shows on a terminal how far it has come', async () => {
    const { url, store: remote } = await hub()
    const skip = skippableTime()
    const apply = remote.apply.bind(remote)
    Object.assign(remote, {
      apply: async (...args: Parameters<typeof apply>) => {
        skip(160)
        return apply(...args)
      },
    })
    const store = await storeWith(30)
    const { stderr, stdout } = await runHere(
      // One way: a bar is drawn ten times a second, and the other way would take some of the turns.
      ['sync', '--store', store, '--remote', url, '--batch', '10', '--push-only'],
      { terminal: 100, env: { NO_COLOR: '1' } },
    )
    expect(stdout).toMatch('pushed 30 events')
    expect(stderr).toMatch(/syncing {2}━{32} {3}33 % {2}sent 10, read 0/)
    expect(stderr).toMatch(/100 % {2}sent 30/)
    expect(stderr.endsWith('\r\x1b[2K')).toBe(true)
  })
})
