// The library itself, by a program of ours that requires it; interop/go stands in where it can't be had.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { SqliteStore } from '../../src/store/sqlite/index.ts'
import { startHub } from '../e2e/command-process.ts'
import { tempFolder } from '../e2e/temp-folder.ts'
import { GoProcess } from './go-process.ts'
import { run } from './go-program.ts'
import { followsOurs, isFollowed } from './go-streams.ts'
import { byId, eachWay, laptopsThrough, outboxOf, syncWith, withoutRejoin } from './go-syncs.ts'
import { interopCase, useGoModule } from './interop-case.ts'
import { plays } from './managers.ts'
import { asGo } from './our-events.ts'
import { ourServer } from './our-server.ts'
import { ourEvents } from './our-writing.ts'
import { perform } from './play.ts'
import { answersAsRecorded, answersOfV016, asksAsRecorded } from './recorded.ts'

const program = useGoModule('go-sync-kit')

interopCase(
  'go-sync-kit: the Go program that uses it is formatted and vetted',
  async () => {
    const cwd = fileURLToPath(new URL('../../interop/go-sync-kit', import.meta.url))
    expect((await run('gofmt', ['-l', '.'], { cwd })).stdout).toBe('')
    await program.vet()
    return { checks: 2 }
  },
  program,
)

interopCase(
  'go-sync-kit: its client sends what was recorded, header by header',
  () => asksAsRecorded(program.path),
  program,
)

interopCase(
  'go-sync-kit: its server answers what was recorded',
  async () => answersAsRecorded(await GoProcess.libraryServer(program.path), answersOfV016),
  program,
)

interopCase(
  'go-sync-kit: its clients, our client and rejoin serve end with all events of each',
  async () => {
    const folder = tempFolder()
    const hub = await startHub(['--data', folder])
    const url = `${hub.url}/sync`
    await using writer = await GoProcess.client(program.path, url)
    await using reader = await GoProcess.client(program.path, url)
    await using pager = await GoProcess.client(program.path, url)
    await using managed = await GoProcess.client(program.path, url)
    await using log = await MemoryStore.open({ node: 'laptop' })
    await writer.ask('write 400 go')
    expect(await writer.ask('push')).toBe(400)
    // As after an answer that was lost: what is known counts as stored.
    expect(await writer.ask('push')).toBe(400)
    await log.append(ourEvents(300, 'ours'))
    const ours = await asGo(log)
    expect(await syncWith({ url }, log)).toEqual({ pushed: 300, pulled: 400, errors: [] })
    expect(await reader.ask('latest')).toBe(700)
    expect(await reader.ask('pull')).toBe(700)
    expect(await pager.ask('pull-cursor 90')).toBe(700)
    expect(await managed.sync('pull-only')).toEqual({ pushed: 0, pulled: 700, errors: [] })

    const all = byId([...(await writer.events()), ...ours])
    expect(byId(await asGo(log))).toEqual(all)
    for (const client of [reader, pager, managed])
      expect(byId((await client.events()).map(withoutRejoin))).toEqual(all)
    // Read and written by Go once more, they are the same events all the same.
    expect(await reader.ask('push')).toBe(700)
    expect(await reader.ask('latest')).toBe(700)
    hub.child.kill('SIGTERM')
    await hub.ended
    await using stored = await SqliteStore.open({ path: join(folder, 'events.db') })
    expect(byId(await asGo(stored))).toEqual(all)
    return { pushed: 400, 'pushed again': 1_100, 'pushed by us': 300, pulled: 2_100 }
  },
  program,
)

interopCase(
  'go-sync-kit: our client syncs 1,000 events each way with its server',
  async () => {
    await eachWay(await GoProcess.libraryServer(program.path))
    return { pushed: 1_000, pulled: 1_000 }
  },
  program,
)

interopCase(
  'go-sync-kit: two of our laptops end identical through its server',
  async () => laptopsThrough(await GoProcess.libraryServer(program.path)),
  program,
)

interopCase(
  'go-sync-kit: what its server drops without a word stays ours and is reported',
  async () => {
    await using server = await GoProcess.libraryServer(program.path)
    await using log = await MemoryStore.open({ node: 'laptop' })
    await server.put([
      { id: 'ours-7', type: 'T', aggregate_id: 'a', data: 'theirs', metadata: null },
    ])
    await log.append(ourEvents(20, 'ours'))
    const clashing = await syncWith(server, log)
    expect(clashing.pushed).toBe(19)
    expect(clashing.errors).toMatchObject([{ code: 'rejected', details: { ids: ['ours-7'] } }])
    expect(await outboxOf(log)).toEqual({ unsynced: 1n, parked: 1 })
    expect(await server.events()).toHaveLength(20)
    return { 'refused for ever': 1 }
  },
  program,
)

interopCase(
  'go-sync-kit: its SyncManagers and its server end as the table says',
  async () => {
    const possible = plays.filter(({ whenEmpty }) => whenEmpty === '0')
    for (const play of possible) {
      await using server = await GoProcess.libraryServer(program.path)
      await perform(program.path, server, play)
    }
    expect(possible.length).toBeGreaterThan(5)
    return { plays: possible.length }
  },
  program,
)

interopCase(
  'go-sync-kit: its SyncManagers and our server end as the table says',
  async () => {
    for (const play of plays) {
      await using server = await ourServer(play.whenEmpty)
      await perform(program.path, server, play)
    }
    return { plays: plays.length }
  },
  program,
)

interopCase(
  'go-sync-kit: its client follows our live stream, also past a restart of our server',
  () => followsOurs(program.path),
  program,
)

interopCase(
  'go-sync-kit: our client follows the live stream of its server',
  async () => isFollowed(await GoProcess.libraryServer(program.path)),
  program,
)
