import { join } from 'node:path'
import { expect } from 'vitest'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { SqliteStore } from '../../src/store/sqlite/index.ts'
import { rejoin } from '../e2e/command-process.ts'
import { tempFolder } from '../e2e/temp-folder.ts'
import { type Flavour, GoProcess } from './go-process.ts'
import { useGoProgram } from './go-program.ts'
import { byId, eachWay, laptopsThrough, outboxOf, syncWith, withoutRejoin } from './go-syncs.ts'
import { interopCase } from './interop-case.ts'
import { asGo } from './our-events.ts'
import { ourEvents } from './our-writing.ts'

const program = useGoProgram()
const flavours: readonly Flavour[] = ['v0.16', 'v0.22']
const pulls = { 'v0.16': 'has no limit', 'v0.22': 'sends 100 unless asked for more' }

for (const flavour of flavours) {
  interopCase(`our client syncs 1,000 events each way with a Go server of ${flavour}`, async () => {
    await eachWay(await GoProcess.server(program(), flavour))
    return { pushed: 1_000, pulled: 1_000 }
  })

  interopCase(`the same by /pull alone, which in ${flavour} ${pulls[flavour]}`, async () => {
    await eachWay(await GoProcess.server(program(), flavour, '-pull-cursor=false'))
    return { pushed: 1_000, pulled: 1_000 }
  })

  interopCase(`two of our laptops end identical through a Go server of ${flavour}`, async () => {
    return await laptopsThrough(await GoProcess.server(program(), flavour))
  })
}

interopCase(
  'what a Go server drops without a word is sent again, or stays ours and is reported',
  async () => {
    await using server = await GoProcess.server(program(), 'v0.16')
    await using log = await MemoryStore.open({ node: 'laptop' })
    await log.append(ourEvents(20, 'ours'))
    // For a moment: our one repeat completes it.
    await server.ask('fail 5')
    expect(await syncWith(server, log)).toEqual({ pushed: 20, pulled: 0, errors: [] })

    // For longer: nothing is taken for stored, until it is.
    await log.append(ourEvents(20, 'more'))
    await server.ask('fail 1000')
    const failed = await syncWith(server, log)
    expect(failed.pushed).toBe(0)
    expect(failed.errors).toMatchObject([{ code: 'rejected', details: { count: 20 } }])
    expect(await outboxOf(log)).toEqual({ unsynced: 20n, parked: 20 })
    await server.ask('fail 0')
    expect(await syncWith(server, log)).toMatchObject({ pushed: 20, errors: [] })
    expect(await outboxOf(log)).toEqual({ unsynced: 0n, parked: 0 })

    // For ever, because it holds something else under that id.
    await server.put([
      { id: 'last-7', type: 'T', aggregate_id: 'a', data: 'theirs', metadata: null },
    ])
    await log.append(ourEvents(20, 'last'))
    const clashing = await syncWith(server, log)
    expect(clashing.pushed).toBe(19)
    expect(clashing.errors).toMatchObject([{ code: 'rejected', details: { ids: ['last-7'] } }])
    expect(await outboxOf(log)).toEqual({ unsynced: 1n, parked: 1 })
    expect(await server.events()).toHaveLength(60)
    return { 'dropped for a while': 25, 'refused for ever': 1 }
  },
)

interopCase('a Go server that came back empty gets everything back', async () => {
  await using log = await MemoryStore.open({ node: 'laptop' })
  await log.append(ourEvents(500, 'ours'))
  await using server = await GoProcess.server(program(), 'v0.16')
  await server.ask('write 100 go')
  expect((await syncWith(server, log)).errors).toEqual([])
  const all = (await server.events()).map(withoutRejoin)
  expect(await server.ask('forget')).toBe(600)
  // Before we are back, others have already written there.
  await server.ask('write 700 new')
  expect((await syncWith(server, log)).errors).toEqual([])
  const there = (await server.events()).map(withoutRejoin)
  expect(byId(there.filter(({ id }) => !id.startsWith('new-')))).toEqual(byId(all))
  expect(byId(await asGo(log))).toEqual(byId(there))
  return { 'events brought back': all.length }
})

interopCase('the command rejoin sync goes to a Go server', async () => {
  await using server = await GoProcess.server(program(), 'v0.22')
  await server.ask('write 150 go')
  const store = join(tempFolder(), 'notes.db')
  const lines = ourEvents(100, 'ours').map(({ dataText, ...event }) => ({
    ...event,
    data: dataText,
  }))
  const stdin = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  expect(await rejoin(['append', '--store', store], { stdin })).toMatchObject({ code: 0 })
  const synced = await rejoin(['sync', '--store', store, '--remote', server.url, '--json'])
  expect(synced).toMatchObject({ code: 0 })
  expect(JSON.parse(synced.stdout)).toMatchObject({ pushed: 100, pulled: 150 })
  await using log = await SqliteStore.open({ path: store })
  expect(byId(await asGo(log))).toEqual(byId((await server.events()).map(withoutRejoin)))
  return { pushed: 100, pulled: 150 }
})
