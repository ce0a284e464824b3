import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { recordingProxy } from '../../examples/git-history/recording-proxy.ts'
import { encodeEndLine, encodeFrame } from '../../src/event/index.ts'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { start as beginning } from '../../src/version/index.ts'
import { rejoin, start, startHub } from './command-process.ts'
import { tempFolder } from './temp-folder.ts'

// Each test starts many processes, on machines that may be busy with others.
vi.setConfig({ testTimeout: 90_000 })

const note = (of: object = {}) =>
  `${JSON.stringify({ type: 'NoteWritten', aggregateId: 'note-1', data: 1, ...of })}\n`

describe('two machines', () => {
  it('append without a network, sync through a hub, and hold the same log', async () => {
    const folder = tempFolder()
    const [laptop, phone] = [join(folder, 'laptop.db'), join(folder, 'phone.db')]
    const data = '{"int64":9223372036854775807,"one":1.0}'
    await rejoin(['append', '--store', laptop], { stdin: note().repeat(2) })
    await rejoin(['append', '--store', phone], {
      stdin: `{"type":"T","aggregateId":"note-1","data":${data}}`,
    })
    const hub = await startHub(['--data', join(folder, 'hub')])
    for (const store of [laptop, phone, laptop]) {
      const ran = await rejoin(['sync', '--store', store, '--remote', hub.url])
      expect(ran).toMatchObject({ code: 0, stderr: '' })
    }
    const logs = await Promise.all([laptop, phone, join(folder, 'hub', 'events.db')].map(sharedLog))
    expect(logs[0]).toHaveLength(3)
    expect(logs[1]).toEqual(logs[0])
    expect(logs[2]).toEqual(logs[0])
    expect(logs[0]?.join()).toContain(data)
    for (const store of [laptop, phone])
      expect(await rejoin(['verify', '--store', store])).toMatchObject({
        code: 0,
        stdout: 'ok: 3 events checked\n',
      })
    const status = await rejoin(['status', '--store', laptop])
    expect(status.stdout).toMatch(/unsynced {2}nothing/)
  })

  it('lose nothing when the hub is killed in the middle of a sync', async () => {
    const folder = tempFolder()
    const [laptop, phone] = [join(folder, 'laptop.db'), join(folder, 'phone.db')]
    const hubData = ['--data', join(folder, 'hub')]
    const stdin = Array.from({ length: 400 }, (_, at) => note({ data: at })).join('')
    await rejoin(['append', '--store', laptop], { stdin })
    const proxy = await recordingProxy()
    onTestFinished(() => proxy.close())
    const first = await startHub(hubData)
    proxy.target = new URL(first.url)
    proxy.onPush = () => {
      if (proxy.acknowledgements.length === 5) first.child.kill('SIGKILL')
    }
    const sync = (store: string) =>
      rejoin(['sync', '--store', store, '--remote', proxy.url, '--batch', '20'])
    const cutShort = await sync(laptop)
    expect(cutShort.code).toBe(1)
    expect(cutShort.stderr).toMatch(/^error: can't reach .*nothing is lost/)
    expect((await first.ended).signal).toBe('SIGKILL')

    const before = proxy.acknowledgements.length
    expect(before).toBeGreaterThanOrEqual(5)
    const second = await startHub(hubData)
    const held = (await sharedLog(join(folder, 'hub', 'events.db'))).join()
    for (const { ids } of proxy.acknowledgements) for (const id of ids) expect(held).toContain(id)
    proxy.target = new URL(second.url)
    expect((await sync(laptop)).code).toBe(0)
    expect((await sync(phone)).code).toBe(0)
    expect(proxy.acknowledgements.length).toBeGreaterThan(before)
    const log = await sharedLog(laptop)
    expect(log).toHaveLength(400)
    expect(await sharedLog(phone)).toEqual(log)
  })
})

describe('a served log', () => {
  it('finishes the request in flight at SIGTERM, and exits 0', async () => {
    const data = join(tempFolder(), 'hub')
    const hub = await startHub(['--data', data])
    const { body, id } = await pushOf(note())
    const upload = request(`${hub.url}/sync/events?origin=laptop~0000000000000001`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.rejoin.frames', 'content-length': body.length },
    })
    const answered = new Promise<number | undefined>((resolve, reject) => {
      upload.on('error', reject).on('response', (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode))
      })
    })
    await new Promise((resolve) => upload.write(body.subarray(0, 10), resolve))
    await untilConnected(hub.url)
    hub.child.kill('SIGTERM')
    await hub.printed(/stopping: requests in flight may finish/, 'stderr')
    upload.end(body.subarray(10))
    expect(await answered).toBe(200)
    expect(await hub.ended).toMatchObject({ code: 0, signal: null })
    expect((await sharedLog(join(data, 'events.db'))).join()).toContain(id)
  })

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('exits at once at a second %s, with %i', async (signal, code) => {
    const hub = await startHub(['--memory'])
    const upload = request(`${hub.url}/sync/events?origin=laptop~0000000000000001`, {
      method: 'POST',
      headers: { 'content-length': 100 },
    })
    upload.on('error', () => {})
    await new Promise((resolve) => upload.write('x', resolve))
    await untilConnected(hub.url)
    hub.child.kill(signal)
    await hub.printed(/stopping/, 'stderr')
    hub.child.kill(signal)
    expect((await hub.ended).code).toBe(code)
  })

  it('says in one line that its port is in use', async () => {
    const hub = await startHub(['--memory'])
    const ran = await rejoin(['serve', '--memory', '--port', new URL(hub.url).port])
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/^rejoin serve: .*the port is in use.*\n$/)
  })

  it('says in one line that it may not write to its folder', async () => {
    const folder = tempFolder()
    const closed = join(folder, 'closed')
    mkdirSync(closed)
    chmodSync(closed, 0o555)
    // Permissions don't bind root, unless it gives that up; another user could not read this clone everywhere.
    const bound = process.getuid?.() === 0 ? { under: withoutOverride } : {}
    for (const data of [closed, join(closed, 'data')]) {
      const ran = await rejoin(['serve', '--port', '0', '--data', data], bound)
      expect(ran).toMatchObject({ code: 1, stdout: '' })
      expect(ran.stderr).toMatch(/^rejoin serve: .*(permission denied|not writable).*\n$/)
    }
    expect(readdirSync(closed)).toEqual([])
  })

  it('says in one line that its file is another program’s, and leaves it alone', async () => {
    const folder = tempFolder()
    const file = join(folder, 'events.db')
    writeFileSync(file, 'notes on a napkin '.repeat(100))
    const ran = await rejoin(['serve', '--port', '0', '--data', folder])
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/^rejoin serve: .*not a Rejoin event log.*\n$/)
    expect(readdirSync(folder)).toEqual(['events.db'])
    expect(statSync(file).size).toBe(1800)
  })
})

describe('the command', () => {
  it('names an unknown flag and exits 2', async () => {
    expect(await rejoin(['serve', '--prot', '1'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr:
        'rejoin serve: unknown option --prot; did you mean "--port"? (see rejoin serve --help)\n',
    })
  })

  it('names a bad line and stores nothing', async () => {
    const store = join(tempFolder(), 'notes.db')
    const ran = await rejoin(['append', '--store', store], { stdin: `${note()}nonsense\n` })
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toBe(
      'rejoin append: line 2, column 2: "o" is not JSON here. Nothing is stored\n',
    )
    expect(await rejoin(['log', '--store', store])).toMatchObject({ code: 1, stdout: '' })
  })

  it('completes an append that was killed, when it is run again with the same input', async () => {
    const folder = tempFolder()
    const store = join(folder, 'notes.db')
    const stdin = Array.from({ length: 20_000 }, (_, at) => note({ data: at })).join('')
    const killed = start(['append', '--store', store], { stdin })
    await until(
      () => readdirSync(folder).includes('notes.db-wal') && statSync(`${store}-wal`).size > 1e6,
    )
    killed.child.kill('SIGKILL')
    await killed.ended
    const again = await rejoin(['append', '--store', store], { stdin })
    expect(again.stdout).toMatch(/^appended \d+ events \(\d+ were there already\)\n$/)
    const numbers = (await sharedLog(store)).map((line) => JSON.parse(line).data as number)
    expect(numbers).toHaveLength(20_000)
    expect(new Set(numbers).size).toBe(20_000)
    expect(readdirSync(folder).filter((name) => name.includes('append'))).toEqual([])
  })

  it('appends more than fits into its memory', async () => {
    const store = join(tempFolder(), 'notes.db')
    const stdin = note({ data: 'x'.repeat(20_000) }).repeat(5_000)
    // The space for young objects would grow as large as all the rest: a collection that is late promotes what is in it.
    const memory = '--max-old-space-size=64 --max-semi-space-size=4'
    const env = { ...process.env, NODE_OPTIONS: memory }
    const ran = await rejoin(['append', '--store', store], { stdin, env })
    expect(ran).toMatchObject({ code: 0, stdout: 'appended 5000 events\n', stderr: '' })
  })

  it('stops without a word when its reader has seen enough', async () => {
    const store = join(tempFolder(), 'notes.db')
    await rejoin(['append', '--store', store], {
      stdin: note({ data: 'x'.repeat(200) }).repeat(2_000),
    })
    const log = start(['log', '--store', store, '--json'])
    await log.printed(/\n/)
    log.child.stdout?.destroy()
    expect(await log.ended).toMatchObject({ code: 0, stderr: '' })
  })

  it('stops a sync at Ctrl-C with 130', async () => {
    const proxy = await recordingProxy()
    onTestFinished(() => proxy.close())
    const hub = await startHub(['--memory'])
    proxy.target = new URL(hub.url)
    const store = join(tempFolder(), 'notes.db')
    await rejoin(['append', '--store', store], { stdin: note() })
    const sync = start(['sync', '--store', store, '--remote', proxy.url])
    proxy.onPush = () => {
      hub.child.kill('SIGSTOP')
      sync.child.kill('SIGINT')
    }
    const { code, stderr } = await sync.ended
    expect(code).toBe(130)
    expect(stderr).toBe('interrupted; what was moved stays moved: sync again to go on\n')
  })

  it('copies a log that is in use, and makes a log of the copy', async () => {
    const folder = tempFolder()
    const [copy, restored] = [join(folder, 'copy.db'), join(folder, 'restored.db')]
    const hub = await startHub(['--data', join(folder, 'hub')])
    const laptop = join(folder, 'laptop.db')
    await rejoin(['append', '--store', laptop], { stdin: note().repeat(3) })
    await rejoin(['sync', '--store', laptop, '--remote', hub.url])
    const served = join(folder, 'hub', 'events.db')
    expect(await rejoin(['backup', '--store', served, '--to', copy])).toMatchObject({ code: 0 })
    expect(await rejoin(['restore', '--from', copy, '--to', restored])).toMatchObject({ code: 0 })
    expect(await rejoin(['restore', '--from', copy, '--to', restored])).toMatchObject({ code: 1 })
    expect(await sharedLog(restored)).toEqual(await sharedLog(laptop))
  })
})

/** The lines of a log without the positions, which are its own, sorted. */
async function sharedLog(store: string): Promise<readonly string[]> {
  const { stdout } = await rejoin(['log', '--store', store, '--json'])
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.replace(/^\{"position":"\d+",/, '{'))
    .sort()
}

/** The body of a push, as another node sends it. */
async function pushOf(line: string): Promise<{ body: Buffer; id: string }> {
  const store = await MemoryStore.open()
  await store.append([JSON.parse(line)])
  const page = await store.changes(beginning, { count: 1, bytes: 1e6 })
  const event = page.kind === 'page' ? page.changes[0] : undefined
  if (event === undefined) throw new Error('nothing to push')
  const end = encodeEndLine({ cursor: 'anything.1.', expects: '' })
  return { body: Buffer.from(encodeFrame(event) + end), id: event.id }
}

/** A later request is answered only after the server has begun with earlier ones. */
async function untilConnected(url: string): Promise<void> {
  expect((await fetch(`${url}/health`)).status).toBe(200)
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}

const override = '-dac_override,-dac_read_search'
const withoutOverride = ['setpriv', `--bounding-set=${override}`, `--inh-caps=${override}`]
