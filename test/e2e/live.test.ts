import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { ChangePage } from '../../src/contracts/index.ts'
import type { LogEvent } from '../../src/event/index.ts'
import { serve } from '../../src/server/index.ts'
import { SqliteStore } from '../../src/store/sqlite/index.ts'
import { httpTransport, logHandler } from '../../src/transport/http/index.ts'
import { start as beginning } from '../../src/version/index.ts'
import { Child } from '../torture/child.ts'
import { rejoin, start } from './command-process.ts'
import { tempFolder } from './temp-folder.ts'

it('a commit of another process reaches who follows the server, woken and not by asking again', async () => {
  const path = join(tempFolder(), 'shared.db')
  await using store = await SqliteStore.open({ path, node: 'raced' })
  const counts = { reads: 0, wakes: 0 }
  const { changes, watch } = store
  store.changes = (...asked) => {
    counts.reads++
    return changes.apply(store, asked)
  }
  store.watch = async function* (signal) {
    for await (const _ of watch.call(store, signal)) {
      counts.wakes++
      yield
    }
  }
  await using server = await serve({ port: 0, mounts: { '/sync': logHandler(store) } })
  await using transport = httpTransport({ url: server.url })
  const stop = new AbortController()
  const want = { count: 100, bytes: 1e6 }
  const pages = transport.subscribe?.(beginning, want, stop.signal)[Symbol.asyncIterator]()
  await pages?.next()
  await using other = Child.start('opener', { name: 'other' })
  const ids: string[] = []
  for (let round = 1; round <= 3; round++) {
    other.tell(path)
    while (ids.length < 3 * round) ids.push(...idsOf((await pages?.next())?.value))
    const [, ...made] = (await other.said('made', round)).split(' ')
    expect(ids.slice(-3)).toEqual(made)
  }
  // The first page is read unasked; each of the others because something was committed.
  expect(counts.reads).toBeLessThanOrEqual(1 + counts.wakes)
  expect(counts.wakes).toBeGreaterThanOrEqual(3)
  stop.abort()
})

it('rejoin log --follow prints what another process appends, until it is interrupted', async () => {
  const path = join(tempFolder(), 'notes.db')
  const append = (data: number) =>
    rejoin(['append', '--store', path], {
      stdin: `{"type":"NoteWritten","aggregateId":"note-1","data":${data}}\n`,
    })
  await append(1001)
  const log = start(['log', '--store', path, '--follow', '--json'])
  await log.printed(/"data":1001\}/)
  await append(1002)
  await log.printed(/"data":1002\}/)
  log.child.kill('SIGINT')
  expect(await log.ended).toMatchObject({ code: 130, stderr: '' })
}, 60_000)

function idsOf(page: ChangePage<LogEvent> | undefined): string[] {
  return page?.kind === 'page' ? page.changes.map(({ id }) => id) : []
}
