import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../ports/index.ts'
import { type Runtime, systemRuntime } from '../runtime/index.ts'
import { CommitWatch } from './commit-watch.ts'
import { runScript } from './fixtures/child-process.ts'
import { useFolder } from './fixtures/folder.ts'
import { schema } from './fixtures/schema.ts'
import { type Connection, SqliteFile } from './index.ts'

const folder = useFolder()
const writer = new URL('./fixtures/writer.ts', import.meta.url)

const insert = (text: string) => (tx: Connection) => {
  tx.run('INSERT INTO item (text) VALUES (?)', text)
}

async function open(runtime: Runtime = systemRuntime) {
  const file = await SqliteFile.open({ ...schema, path: folder('a.db'), runtime })
  const controller = new AbortController()
  const commits = file.commits(controller.signal)[Symbol.asyncIterator]()
  return { file, controller, commits }
}

describe('own commits', () => {
  it('are told, several as one, and also those between two calls of next', async () => {
    const { file, commits } = await open()
    await Promise.all([file.write(insert('a')), file.write(insert('b'))])
    await file.write(insert('c'))
    expect(await commits.next()).toEqual({ done: false, value: undefined })
    const next = commits.next()
    let isTold = false
    void next.then(() => {
      isTold = true
    })
    await systemRuntime.sleep(0)
    expect(isTold).toBe(false)
    await file.write(insert('d'))
    expect(await next).toEqual({ done: false, value: undefined })
    await file.close()
  })

  it('are told to each who watches, and to none who has left', async () => {
    const { file, commits } = await open()
    const other = file.commits(new AbortController().signal)[Symbol.asyncIterator]()
    await other.return?.()
    await file.write(insert('a'))
    expect(await commits.next()).toMatchObject({ done: false })
    expect(await other.next()).toMatchObject({ done: true })
    await file.close()
  })

  it('a failed write is no commit', async () => {
    const { file, commits } = await open()
    await expect(file.write((tx) => tx.run('nonsense'))).rejects.toMatchObject({ code: 'internal' })
    const next = commits.next()
    await file.close()
    expect(await next).toMatchObject({ done: true })
  })
})

describe('watching ends without throwing', () => {
  it('when the signal aborts, also for who waits', async () => {
    const { file, controller, commits } = await open()
    const waiting = [commits.next(), commits.next()]
    controller.abort(new Error('not thrown'))
    expect(await Promise.all(waiting)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ])
    for await (const _ of file.commits(controller.signal)) expect.unreachable()
    await file.close()
  })

  it('when the file is closed', async () => {
    const { file, commits } = await open()
    const next = commits.next()
    await file.close()
    expect(await next).toMatchObject({ done: true })
    for await (const _ of file.commits(new AbortController().signal)) expect.unreachable()
  })

  it('and leaves no listener on the signal', async () => {
    const file = await SqliteFile.open({ ...schema, path: folder('a.db') })
    const { signal } = new AbortController()
    let listeners = 0
    signal.addEventListener = () => void listeners++
    signal.removeEventListener = () => void listeners--
    const commits = file.commits(signal)[Symbol.asyncIterator]()
    expect(listeners).toBe(1)
    await commits.return?.()
    expect(listeners).toBe(0)
    await file.close()
  })
})

describe('commits of others', () => {
  it('of another process are told', async () => {
    const { file, commits } = await open()
    await Promise.all([commits.next(), runScript(writer, folder('a.db'), 'child', '1')])
    expect(file.read((db) => db.all('SELECT text FROM item'))).toEqual([{ text: 'child.0' }])
    await file.close()
  })

  it('of another object in this process are told', async () => {
    const { file, commits } = await open()
    await using other = await SqliteFile.open({ ...schema, path: folder('a.db') })
    await Promise.all([commits.next(), other.write(insert('a'))])
    await Promise.all([commits.next(), other.write(insert('b'))])
    await file.close()
  })

  it('are told though the system reports the write before the commit is done', async () => {
    const { file, commits } = await open()
    const other = new DatabaseSync(folder('a.db'))
    // Spilled pages reach the WAL long before the commit.
    other.exec('PRAGMA cache_size = 1; BEGIN IMMEDIATE')
    for (let i = 0; i < 50; i++)
      other.prepare('INSERT INTO item (text) VALUES (?)').run(`${i} ${'x'.repeat(3000)}`)
    await systemRuntime.sleep(150)
    other.exec('COMMIT')
    await commits.next()
    other.close()
    await file.close()
  })

  it('are told by the system, and anew when nobody has listened to it after a commit of our own', async () => {
    let rested = () => {}
    // Whoever looks slowly never looks: what is told then, the system has told.
    const timer: Runtime['timer'] = (ms, callback) => {
      if (ms === 50) return systemRuntime.timer(1, callback)
      rested()
      return { cancel() {} }
    }
    const { file, commits } = await open({ ...systemRuntime, timer })
    await using other = await SqliteFile.open({ ...schema, path: folder('a.db') })
    for (const text of ['a', 'b']) {
      const rest = new Promise<void>((resolve) => (rested = resolve))
      await Promise.all([commits.next(), file.write(insert(text)), rest])
    }
    await Promise.all([commits.next(), other.write(insert('c'))])
    await file.close()
  })

  it('are looked for at most every 50 ms, and only while somebody watches', async () => {
    const waits: number[] = []
    const timer: Runtime['timer'] = (ms, callback) => {
      waits.push(ms)
      return systemRuntime.timer(ms, callback)
    }
    const { file, controller } = await open({ ...systemRuntime, timer })
    const other = new DatabaseSync(folder('a.db'))
    for (let i = 0; i < 30; i++) {
      other.prepare('INSERT INTO item (text) VALUES (?)').run(`${i}`)
      await systemRuntime.sleep(5)
    }
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(50)
    controller.abort()
    const before = waits.length
    other.exec(`INSERT INTO item (text) VALUES ('late')`)
    await systemRuntime.sleep(120)
    expect(waits).toHaveLength(before)
    other.close()
    await file.close()
  })
})

describe('where the system does not tell of changes', () => {
  it('the file is looked at every 50 ms', () => {
    const waits: number[] = []
    let look = () => {}
    const timer: Runtime['timer'] = (ms, callback) => {
      waits.push(ms)
      look = callback
      return { cancel() {} }
    }
    let version = 1
    const dataVersion = () => version
    const runtime = { ...systemRuntime, timer }
    const options = { runtime, wal: folder('none-wal'), dataVersion, logger: silentLogger }
    const watch = new CommitWatch(options)
    const commits = watch.watch(new AbortController().signal)[Symbol.asyncIterator]()
    look()
    version++
    look()
    expect(waits).toEqual([50, 50, 50])
    watch.close()
    return expect(commits.next()).resolves.toMatchObject({ done: true })
  })
})

describe('a file that cannot be read for a while', () => {
  it('is said once each time, and is looked at again', async () => {
    let look = () => {}
    const timer: Runtime['timer'] = (_, callback) => {
      look = callback
      return { cancel() {} }
    }
    const warnings: unknown[] = []
    const logger = {
      ...silentLogger,
      warn: (_: string, fields: object = {}) => void warnings.push(fields),
    }
    const error = new Error('database is locked')
    let version: number | undefined = 1
    const dataVersion = () => {
      if (version === undefined) throw error
      return version
    }
    const runtime = { ...systemRuntime, timer }
    const watch = new CommitWatch({ runtime, wal: folder('none-wal'), dataVersion, logger })
    const commits = watch.watch(new AbortController().signal)[Symbol.asyncIterator]()
    version = undefined
    for (let i = 0; i < 3; i++) look()
    expect(warnings).toEqual([{ error }])
    version = 2
    look()
    expect(await commits.next()).toMatchObject({ done: false })
    version = undefined
    look()
    expect(warnings).toHaveLength(2)
    watch.close()
  })

  it('can be watched, and tells of what may have happened meanwhile', async () => {
    let look = () => {}
    const timer: Runtime['timer'] = (_, callback) => {
      look = callback
      return { cancel() {} }
    }
    let isLocked = true
    const dataVersion = () => {
      if (isLocked) throw new Error('database is locked')
      return 1
    }
    const runtime = { ...systemRuntime, timer }
    const options = { runtime, wal: folder('none-wal'), dataVersion, logger: silentLogger }
    const watch = new CommitWatch(options)
    const commits = watch.watch(new AbortController().signal)[Symbol.asyncIterator]()
    isLocked = false
    look()
    expect(await commits.next()).toMatchObject({ done: false })
    watch.close()
  })
})
