import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { runHere } from '../../../test/e2e/command-io.ts'
import { tempFolder } from '../../../test/e2e/temp-folder.ts'

const event = (of: object = {}) =>
  `${JSON.stringify({ type: 'NoteWritten', aggregateId: 'note-1', data: 1, ...of })}\n`

/** A folder with a store of five events. */
async function filledFolder(): Promise<{ folder: string; store: string }> {
  const folder = tempFolder()
  const store = join(folder, 'notes.db')
  const stdin = [1, 2, 3, 4, 5].map((at) => event({ aggregateId: `note-${at % 2}` })).join('')
  await runHere(['append', '--store', store, '--node-id', 'laptop'], { stdin })
  return { folder, store }
}

describe('commands that read', () => {
  const reading = [
    ['log', '--store'],
    ['status', '--store'],
    ['verify', '--store'],
    ['backup', '--to', 'copy.db', '--store'],
    ['restore', '--to', 'copy.db', '--from'],
  ]

  it.each(reading)('%s makes no store where there is none', async (...args) => {
    const folder = tempFolder()
    const ran = await runHere([...args, join(folder, 'gone.db')])
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/^rejoin \w+: there is no file .*gone\.db\n$/)
    expect(readdirSync(folder)).toEqual([])
  })

  it.each(reading)('%s refuses a file of another program and leaves it alone', async (...args) => {
    const folder = tempFolder()
    const path = join(folder, 'theirs.db')
    const db = new DatabaseSync(path)
    db.exec('CREATE TABLE theirs (x)')
    db.close()
    const before = statSync(path).mtimeMs
    const ran = await runHere([...args, path])
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/^rejoin \w+: .*another program.*\n$/)
    expect(readdirSync(folder)).toEqual(['theirs.db'])
    expect(statSync(path).mtimeMs).toBe(before)
  })
})

describe('status', () => {
  it('shows who the store is and what it holds', async () => {
    const { store } = await filledFolder()
    const { code, stdout } = await runHere(['status', '--store', store])
    expect(code).toBe(0)
    expect(stdout).toMatch(/node {6}laptop/)
    expect(stdout).toMatch(/events {4}5 in 2 aggregates/)
    expect(stdout).toMatch(/size {6}[\d.]+ KiB/)
    expect(stdout).toMatch('no links')
    expect(stdout).toMatch(/clock {5}in step with the wall clock/)
  })

  it('shows how far its clock is ahead', async () => {
    const { store } = await filledFolder()
    const db = new DatabaseSync(store)
    db.exec(`UPDATE log SET clock = ${BigInt(Date.now() + 600_000) * 1_000_000n}`)
    db.close()
    const { stdout } = await runHere(['status', '--store', store])
    expect(stdout).toMatch(/clock {5}(10 min 0|9 min \d+) s ahead of the wall clock/)
    const json = JSON.parse((await runHere(['status', '--store', store, '--json'])).stdout)
    expect(json.clockLead).toBeGreaterThan(500_000)
    expect(json.clockLead).toBeLessThanOrEqual(600_000)
  })

  it('says it in JSON', async () => {
    const { store } = await filledFolder()
    const { stdout } = await runHere(['status', '--store', store, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      store,
      node: 'laptop',
      origin: expect.stringMatching(/^laptop~/),
      events: 5,
      erased: 0,
      aggregates: 2,
      clashes: 0,
      clockLead: 0,
      position: '5',
      links: [],
      unfinished: [],
      bytes: expect.any(Number),
    })
  })
})

describe('verify', () => {
  it('finds a sound store sound', async () => {
    const { store } = await filledFolder()
    const ran = await runHere(['verify', '--store', store])
    expect(ran).toEqual({ code: 0, stdout: 'ok: 5 events checked\n', stderr: '' })
  })

  it('lists what is wrong', async () => {
    const { folder, store } = await filledFolder()
    tamperWith(store)
    const { code, stdout, stderr } = await runHere(['verify', '--store', store])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^problem: .*does not match its hash$/m)
    expect(stderr).toMatch(/5 problems? in 5 events; restore a backup, or sync into a new store\n$/)
    expect(readdirSync(folder).filter((name) => name.startsWith('notes.db'))).not.toEqual([])
  })
})

describe('backup and restore', () => {
  it('copy a store and put it back', async () => {
    const { folder, store } = await filledFolder()
    const [copy, again] = [join(folder, 'copy.db'), join(folder, 'again.db')]
    const backup = await runHere(['backup', '--store', store, '--to', copy])
    expect(backup).toMatchObject({ code: 0, stderr: '' })
    expect(backup.stdout).toMatch(/^backed up 5 events to .*copy\.db \([\d.]+ KiB\)\n$/)
    const restore = await runHere(['restore', '--from', copy, '--to', again])
    expect(restore).toMatchObject({ code: 0, stderr: '' })
    expect(restore.stdout).toMatch(/^restored 5 events of node laptop to .*again\.db\n/)
    expect(restore.stdout).toMatch('notice that it is an older backup')
    const logs = await Promise.all(
      [store, copy, again].map((each) => runHere(['log', '--store', each, '--json'])),
    )
    expect(new Set(logs.map(({ stdout }) => stdout)).size).toBe(1)
  })

  it('never overwrite, and say where a copy cannot be', async () => {
    const { folder, store } = await filledFolder()
    const taken = join(folder, 'taken')
    writeFileSync(taken, 'precious')
    const calls = [
      ['backup', '--store', store, '--to'],
      ['restore', '--from', store, '--to'],
    ]
    for (const call of calls) {
      expect(await runHere([...call, taken])).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/taken exists; .* never overwrites\n$/),
      })
      expect(statSync(taken).size).toBe(8)
      expect((await runHere([...call, join(folder, 'a', 'b')])).stderr).toMatch(
        'there is no folder',
      )
    }
  })
})

/** Changes each payload behind the back of its hash. */
function tamperWith(store: string): void {
  const db = new DatabaseSync(store)
  const tables = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").all()
  const table = tables.find(({ sql }) => /\bdata\b/.test(String(sql)))
  db.exec(`UPDATE "${table?.name}" SET data = '2'`)
  db.close()
}
