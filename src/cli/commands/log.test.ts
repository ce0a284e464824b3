import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Captured, runHere } from '../../../test/e2e/command-io.ts'
import type { Entry } from '../../contracts/index.ts'
import { LogEvent, type LogEventInit } from '../../event/index.ts'
import { serve } from '../../server/index.ts'
import { MemoryStore } from '../../store/memory/index.ts'
import { SqliteStore } from '../../store/sqlite/index.ts'
import { logHandler } from '../../transport/http/index.ts'
import { entryColumns } from '../listing/entry-columns.ts'
import { entryJson } from '../listing/entry-json.ts'
import { run } from '../run.ts'
import { Output } from '../terminal/output.ts'

const line = (at: number) =>
  `{"id":"e${at}","type":"Written","aggregateId":"note-${at % 3}","data":{"at":${at}.0}}\n`

describe('log', () => {
  let folder = ''
  let store = ''
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rejoin-log-'))
    store = join(folder, 'notes.db')
    const stdin = Array.from({ length: 1_200 }, (_, at) => line(at + 1)).join('')
    await runHere(['append', '--store', store, '--node-id', 'laptop'], { stdin })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const log = async (...args: string[]) => {
    const { stdout } = await runHere(['log', '--store', store, ...args])
    return stdout.split('\n').slice(0, -1)
  }

  it('prints every event in aligned columns, page after page', async () => {
    const lines = await log()
    expect(lines).toHaveLength(1_200)
    const form =
      /^ *(\d+) {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}laptop {2}Written {2}note-\d {2}\{"at":(\d+)\.0\}$/
    for (const [at, each] of lines.entries())
      expect(form.exec(each)?.slice(1)).toEqual([`${at + 1}`, `${at + 1}`])
    expect(new Set(lines.map((each) => each.indexOf('laptop'))).size).toBe(1)
  })

  it('prints a part of it', async () => {
    const data = async (...args: string[]) =>
      (await log('--json', ...args)).map((each) => JSON.parse(each).data.at)
    expect(await data('--limit', '2')).toEqual([1, 2])
    expect(await data('--after', '1198')).toEqual([1199, 1200])
    expect(await data('--after', '5000')).toEqual([])
    expect(await data('--after', '4', '--limit', '1')).toEqual([5])
    expect(await data('--aggregate', 'note-0', '--limit', '3')).toEqual([3, 6, 9])
    expect(await data('--aggregate', 'nothing')).toEqual([])
    expect(await data('--limit', '501')).toHaveLength(501)
  })

  it('cuts each event to one line of a terminal', async () => {
    const { stdout } = await runHere(['log', '--store', store, '--limit', '3'], {
      terminal: 60,
      env: { NO_COLOR: '1' },
    })
    expect(stdout.split('\n').map((each) => each.length)).toEqual([60, 60, 60, 0])
    expect(stdout).toMatch('…')
  })

  it('stops without a word when its reader has seen enough', async () => {
    let lines = 0
    const head = new Writable({
      write(_chunk, _encoding, done) {
        done(lines++ === 0 ? null : Object.assign(new Error('gone'), { code: 'EPIPE' }))
      },
    })
    const stderr = new Captured()
    const code = await run(['log', '--store', store], {
      stdin: process.stdin,
      out: new Output(head, {}),
      err: new Output(stderr, {}),
      env: {},
      signal: new AbortController().signal,
    })
    expect({ code, complaint: stderr.text, lines }).toEqual({ code: 0, complaint: '', lines: 2 })
  })

  it('follows a file: what another connection writes comes by itself', async () => {
    const path = join(folder, 'live.db')
    await using writer = await SqliteStore.open({ path, node: 'laptop' })
    const write = (id: string) => writer.append([{ id, type: 'T', aggregateId: 'a', data: 1 }])
    await write('e1')
    const following = follow(['--store', path, '--follow', '--json'])
    await following.printed('"e1"')
    await write('e2')
    await following.printed('"e2"')
    await write('e3')
    await following.printed('"e3"')
    expect(await following.interrupt()).toMatchObject({ code: 130, stderr: '' })
    const three = await follow(['--store', path, '--follow', '--limit', '3']).ended
    expect(three.stdout.split('\n')).toHaveLength(4)
  })

  it('follows a server, also past a restart of it, and says so', async () => {
    const log = await MemoryStore.open({ node: 'hub' })
    const write = (id: string, aggregateId = 'a') =>
      log.append([{ id, type: 'T', aggregateId, data: 1 }])
    await write('e1')
    await write('other', 'b')
    const mounts = { '/sync': logHandler(log) }
    const first = await serve({ port: 0, mounts })
    const once = await runHere(['log', '--remote', first.url, '--json'])
    expect(
      once.stdout
        .split('\n')
        .slice(0, -1)
        .map((each) => JSON.parse(each).id),
    ).toEqual(['e1', 'other'])
    expect(once.stdout).not.toContain('position')
    const following = follow(['--remote', first.url, '--follow', '--aggregate', 'a'])
    await following.printed(' hub  T')
    await first.close()
    await following.complained('trying again in')
    await using _second = await serve({ port: first.port, mounts })
    await write('e2')
    await following.printedTimes(' hub  T', 2)
    const ran = await following.interrupt()
    expect(ran.stdout.match(/ hub {2}T/g)).toHaveLength(2)
    expect(ran.code).toBe(130)
  })

  it('reads a server with its token, and gives up where waiting does not help', async () => {
    const log = await MemoryStore.open({ node: 'hub' })
    await log.append([{ type: 'T', aggregateId: 'a', data: 1 }])
    await using server = await serve({
      port: 0,
      mounts: { '/sync': logHandler(log) },
      tokens: ['x'],
    })
    const args = ['log', '--remote', server.url, '--follow', '--limit', '1']
    expect(await runHere([...args, '--token', 'x'])).toMatchObject({ code: 0 })
    expect(await runHere(args, { env: { REJOIN_TOKEN: 'x' } })).toMatchObject({ code: 0 })
    expect(await runHere(args)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('credentials'),
    })
  })

  it('wants one log to read', async () => {
    for (const args of [
      [],
      ['--store', 'a.db', '--remote', 'http://127.0.0.1:1'],
      ['--remote', 'http://127.0.0.1:1', '--after', '5'],
    ])
      expect((await runHere(['log', ...args])).code).toBe(2)
  })

  it('stops when it is interrupted', async () => {
    const signal = AbortSignal.abort()
    const ran = await runHere(['log', '--store', store], { signal })
    expect(ran).toMatchObject({ code: 130, stderr: '' })
  })
})

/** A command that goes on until it is interrupted, or ends by itself. */
function follow(args: readonly string[]) {
  const stop = new AbortController()
  const [stdout, stderr] = [new Captured(), new Captured()]
  const io = {
    stdin: process.stdin,
    out: new Output(stdout, {}),
    err: new Output(stderr, {}),
    env: {},
    signal: stop.signal,
  }
  const ended = run(['log', ...args], io).then((code) => ({
    code,
    stdout: stdout.text,
    stderr: stderr.text,
  }))
  const shows = (stream: Captured, what: string) =>
    new Promise<void>((resolve) => {
      stream.onText = (all) => all.includes(what) && resolve()
      stream.onText(stream.text)
    })
  return {
    ended,
    printed: (what: string) => shows(stdout, what),
    printedTimes: (what: string, times: number) =>
      new Promise<void>((resolve) => {
        stdout.onText = (all) => all.split(what).length > times && resolve()
        stdout.onText(stdout.text)
      }),
    complained: (what: string) => shows(stderr, what),
    interrupt() {
      stop.abort()
      return ended
    },
  }
}

function entry(of: Partial<LogEventInit>): Entry {
  const event = new LogEvent({
    id: 'e1',
    origin: 'laptop~0000000000000000',
    sequence: 7n,
    stamp: 1_767_225_600_000_000_001n,
    parents: [],
    aggregateId: 'note-1',
    type: 'Written',
    schemaVersion: 1,
    hash: '',
    metadataText: '',
    dataText: '{}',
    stub: null,
    ...of,
  } as LogEventInit)
  return { position: 5n, event } as Entry
}

describe('an entry as JSON', () => {
  it('has the whole header, and metadata and data exactly', () => {
    const parents = ['p1', 'p2'] as never
    const text = entryJson(
      entry({ parents, metadataText: '{"a":1.0}', dataText: '9007199254740993' }),
    )
    expect(text).toBe(
      '{"position":"5","id":"e1","type":"Written","aggregateId":"note-1","origin":"laptop~0000000000000000","sequence":"7","stamp":"1767225600000000001","parents":["p1","p2"],"schemaVersion":1,"hash":"","metadata":{"a":1.0},"data":9007199254740993}',
    )
  })

  it('says of a stub what is missing, and of an event from elsewhere that it has no origin', () => {
    const stub = JSON.parse(entryJson(entry({ stub: 'erased', type: '', dataText: '' })))
    expect(stub).toMatchObject({ stub: 'erased', id: 'e1' })
    expect(stub).not.toHaveProperty('data')
    expect(stub).not.toHaveProperty('type')
    expect(JSON.parse(entryJson(entry({ origin: null, sequence: 0n })))).toMatchObject({
      origin: null,
      sequence: '0',
    })
  })
})

describe('an entry in columns', () => {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done() })
  const onTerminal = new Output(Object.assign(stream, { isTTY: true, columns: 120 }), {
    NO_COLOR: '1',
  })
  const plain = new Output(new Writable(), {})

  it('shows stubs and events from elsewhere', () => {
    const format = entryColumns([entry({})], 0, plain)
    expect(format(entry({ stub: 'erased', type: '' }))).toMatch(/ {2}- {8}note-1 {2}\(erased\)$/)
    expect(format(entry({ origin: null }))).toMatch(/ {2}- {5} {2}Written/)
  })

  it('cuts long names on a terminal, and nothing elsewhere', () => {
    const long = entry({ aggregateId: 'a'.repeat(80), type: 'T'.repeat(80) })
    expect(entryColumns([long], 0, onTerminal)(long)).toMatch(/ T{23}… {2}a{31}…/)
    expect(entryColumns([long], 0, plain)(long)).toMatch(/ T{80} {2}a{80} {2}\{\}$/)
  })

  it('lets nobody steer the terminal', () => {
    const nasty = entry({ type: 'T\u009b2J', dataText: '"\u202etxt"' })
    expect(entryColumns([nasty], 0, plain)(nasty)).toMatch(/T\\u009b2J.*\\u202etxt/)
  })
})
