import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { Captured, runHere } from '../../../test/e2e/command-io.ts'
import { skippableTime } from '../../../test/e2e/skipped-time.ts'
import { tempFolder } from '../../../test/e2e/temp-folder.ts'
import { RejoinError } from '../../errors/index.ts'
import { SqliteStore } from '../../store/sqlite/index.ts'
import { Interruption } from '../interruption.ts'

const note = (of: object = {}) =>
  `${JSON.stringify({ type: 'NoteWritten', aggregateId: 'note-1', data: 1, ...of })}\n`
const notes = (count: number, of: (at: number) => object = () => ({})) =>
  Array.from({ length: count }, (_, at) => note({ data: at, ...of(at) })).join('')

function storeFile(): string {
  return join(tempFolder(), 'notes.db')
}

async function logOf(store: string): Promise<Record<string, unknown>[]> {
  const { stdout } = await runHere(['log', '--store', store, '--json'])
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

describe('append', () => {
  it('stores each line and carries payloads digit for digit', async () => {
    const store = storeFile()
    const data = '{"int64":9223372036854775807,"one":1.0,"huge":1e400,"text":"\\u00e9"}'
    const metadata = '{"at":9007199254740993,"list":[1.10]}'
    const line = `{"type":"T","aggregateId":"a","data": ${data},"metadata":${metadata}}`
    const ran = await runHere(['append', '--store', store, '--node-id', 'laptop'], { stdin: line })
    expect(ran).toEqual({ code: 0, stdout: 'appended 1 event\n', stderr: '' })
    const { stdout } = await runHere(['log', '--store', store, '--json'])
    expect(stdout).toContain(`"data":${data}`)
    expect(stdout).toContain('"at":9007199254740993')
    expect(stdout).toMatch(/"origin":"laptop~/)
  })

  it('stores nothing when a line is bad, and leaves nothing behind', async () => {
    const store = storeFile()
    const stdin = `${note()}{"type":}\n`
    const { code, stderr } = await runHere(['append', '--store', store], { stdin })
    expect(code).toBe(1)
    expect(stderr).toBe(
      'rejoin append: line 2, column 9: "}" is not JSON here. Nothing is stored\n',
    )
    expect(readdirSync(join(store, '..'))).toEqual([])

    await runHere(['append', '--store', store], { stdin: note() })
    await runHere(['append', '--store', store], { stdin })
    expect(await logOf(store)).toHaveLength(1)
    expect(readdirSync(join(store, '..'))).toEqual([basename(store)])
  })

  it('stores again what has no id, and counts what has one as there already', async () => {
    const store = storeFile()
    const append = (stdin: string) => runHere(['append', '--store', store], { stdin })
    expect((await append(note())).stdout).toBe('appended 1 event\n')
    expect((await append(note())).stdout).toBe('appended 1 event\n')
    const withIds = notes(3, (at) => ({ id: `n${at}` }))
    expect((await append(withIds)).stdout).toBe('appended 3 events\n')
    expect((await append(withIds + note({ id: 'n3' }))).stdout).toBe(
      'appended 1 event (3 were there already)\n',
    )
    expect((await append(note({ id: 'x' }) + note({ id: 'x' }))).stdout).toBe(
      'appended 1 event (1 was there already)\n',
    )
    expect(await logOf(store)).toHaveLength(7)
  })

  it('stores nothing when an id has other content, in the input or in the store', async () => {
    const store = storeFile()
    const append = (stdin: string) => runHere(['append', '--store', store], { stdin })
    const twice = await append(
      notes(2_500) + note({ id: 'x', data: 1 }) + note({ id: 'x', data: 2 }),
    )
    expect(twice).toMatchObject({
      code: 1,
      stderr:
        'rejoin append: line 2502: the id "x" stands on line 2501 with other content. Nothing is stored\n',
    })
    await append(note({ id: 'x', data: 1 }))
    const changed = await append(notes(2_500) + note({ id: 'x', data: 3 }))
    expect(changed).toMatchObject({
      code: 1,
      stderr:
        'rejoin append: line 2501: the id "x" is in the store with other content. Nothing is stored\n',
    })
    expect(await logOf(store)).toHaveLength(1)
    expect(readdirSync(join(store, '..'))).toEqual([basename(store)])
  })

  it('takes equal content under one id for the same, however its numbers are written', async () => {
    const store = storeFile()
    const line = (data: string) => `{"id":"x","type":"T","aggregateId":"a","data":${data}}\n`
    const { stdout } = await runHere(['append', '--store', store], {
      stdin: line('{"a":1,"b":2}') + line('{"b":2,"a":1.0}'),
    })
    expect(stdout).toBe('appended 1 event (1 was there already)\n')
  })

  it('makes an empty store of no input', async () => {
    const store = storeFile()
    expect((await runHere(['append', '--store', store])).stdout).toBe('appended 0 events\n')
    expect(await logOf(store)).toEqual([])
  })

  it('refuses to rename a store', async () => {
    const store = storeFile()
    const append = (node: string) =>
      runHere(['append', '--store', store, '--node-id', node], { stdin: note() })
    expect((await append('laptop')).code).toBe(0)
    expect((await append('laptop')).code).toBe(0)
    expect(await append('phone')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/belongs to node "laptop"; --node-id names a new store only/),
    })
  })

  it('says where a store cannot be', async () => {
    const folder = tempFolder()
    const append = (store: string) => runHere(['append', '--store', store], { stdin: note() })
    expect(await append(folder)).toMatchObject({
      code: 1,
      stderr: /is a folder; a store is a file/,
    })
    expect(await append(join(folder, 'a', 'b.db'))).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/there is no folder .*a to put the file into/),
    })
  })

  it('shows its progress on a terminal, and takes it away', async () => {
    const store = storeFile()
    const ran = await runHere(['append', '--store', store], {
      stdin: slowly(notes(6_000)),
      terminal: 80,
    })
    expect(ran.stderr).toMatch(/reading {2}[\d,]+ {2}lines checked/)
    expect(ran.stderr.endsWith('\r\x1b[2K')).toBe(true)
  })
})

describe('an append that was cut short', () => {
  /** Stores the first chunk and then stops. */
  async function interrupted(store: string, stdin: string) {
    const interruption = new AbortController()
    const append = SqliteStore.prototype.append
    const spy = vi.spyOn(SqliteStore.prototype, 'append').mockImplementation(async function (
      this: SqliteStore,
      ...args
    ) {
      const answer = await append.apply(this, args)
      interruption.abort(new Interruption('SIGINT'))
      return answer
    })
    const { signal } = interruption
    return runHere(['append', '--store', store], { stdin, signal }).finally(() => spy.mockRestore())
  }
  const stdin = notes(5_000)

  it('says how to go on, and goes on from there', async () => {
    const store = storeFile()
    const { code, stdout, stderr } = await interrupted(store, stdin)
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
    const form = /^interrupted: (\d+) of 5000 events are stored; finish with: rejoin (append .*)\n$/
    const [, stored, again] = form.exec(stderr) ?? []
    expect(stored).toBe('2000')

    const status = await runHere(['status', '--store', store])
    expect(status.stdout).toContain(`rejoin ${again}`)
    const other = await runHere(['append', '--store', store], { stdin: note() })
    expect(other.stderr).toContain(`another append was cut short; finish it with: rejoin ${again}`)

    const args = (again as string).split(' ')
    const resumed = await runHere(args)
    expect(resumed.stdout).toBe(
      `appended ${5_000 - Number(stored)} events (${stored} were there already)\n`,
    )
    const data = (await logOf(store)).map((event) => event.data)
    expect(data).toHaveLength(5_001)
    expect(new Set(data).size).toBe(5_000)
    expect(await runHere(args)).toMatchObject({ code: 1, stderr: /there is no file/ })
  })

  it('is finished by the same input, and by no other', async () => {
    const store = storeFile()
    await interrupted(store, stdin)
    const other = await runHere(['append', '--store', store], { stdin: `${stdin}${note()}` })
    expect(other.stdout).toBe('appended 5001 events\n')
    const again = await runHere(['append', '--store', store], { stdin })
    expect(again.stdout).toMatch(/^appended \d+ events \(\d+ were there already\)\n$/)
    expect(again.stderr).toMatch('this one finishes it')
    expect(await logOf(store)).toHaveLength(10_001)
    expect(readdirSync(join(store, '..'))).toEqual([basename(store)])
  })

  it('by a full disk says what is stored and how to go on', async () => {
    const store = storeFile()
    const append = SqliteStore.prototype.append
    const full = new RejoinError('storage_full', 'the disk is full', {
      operation: 'append',
      component: 'sqlite',
    })
    const spy = vi
      .spyOn(SqliteStore.prototype, 'append')
      .mockImplementationOnce(function (this: SqliteStore, ...args) {
        return append.apply(this, args)
      })
      .mockRejectedValueOnce(full)
    const ran = await runHere(['append', '--store', store], { stdin })
    spy.mockRestore()
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    const form =
      /^rejoin append: the disk is full; free some space and try again; 2000 of 5000 events are stored; finish with: rejoin (.*)\n$/
    const [, again = ''] = form.exec(ran.stderr) ?? []
    expect((await runHere(again.split(' '))).stdout).toBe(
      'appended 3000 events (2000 were there already)\n',
    )
  })

  it('has stored nothing when it was cut short while reading', async () => {
    const store = storeFile()
    const interruption = new AbortController()
    const stdin = new PassThrough()
    const running = runHere(['append', '--store', store], { stdin, signal: interruption.signal })
    stdin.write(note())
    while (readdirSync(join(store, '..')).length === 0) await new Promise(setImmediate)
    interruption.abort(new Interruption('SIGTERM'))
    const ran = await running
    expect(ran).toEqual({ code: 143, stdout: '', stderr: '' })
    expect(existsSync(store)).toBe(false)
    expect(readdirSync(join(store, '..'))).toEqual([])
  })

  it('is not resumed from what is no spool', async () => {
    const store = storeFile()
    await runHere(['append', '--store', store], { stdin: note() })
    const resume = (path: string) => runHere(['append', '--store', store, '--resume', path])
    expect(await resume(store)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/can't resume .*: it is not the spool of an append/),
    })
  })
})

it('a terminal as input is told what is expected of it', async () => {
  const { Output } = await import('../terminal/output.ts')
  const { run } = await import('../run.ts')
  const stdin = Object.assign(Readable.from([Buffer.from(note())]), { isTTY: true })
  const err = new Captured()
  const code = await run(['append', '--store', storeFile()], {
    stdin,
    out: new Output(new Captured(), {}),
    err: new Output(err, {}),
    env: {},
    signal: new AbortController().signal,
  })
  expect(code).toBe(0)
  expect(err.text).toBe('reading events, one JSON object a line; Ctrl-D ends the input\n')
})

/** Input in two pieces, with time between them for a progress bar to show. */
function slowly(text: string): Readable {
  const skip = skippableTime()
  function* pieces() {
    const half = text.indexOf('\n', text.length / 2) + 1
    yield text.slice(0, half)
    skip(200)
    yield text.slice(half)
  }
  return Readable.from(pieces())
}
