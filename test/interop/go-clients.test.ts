import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { SqliteStore } from '../../src/store/sqlite/index.ts'
import { startHub } from '../e2e/command-process.ts'
import { GoProcess } from './go-process.ts'
import { useGoProgram } from './go-program.ts'
import { interopCase } from './interop-case.ts'
import { asGo, eventsOf } from './our-events.ts'
import { ourServer } from './our-server.ts'

const program = useGoProgram()

interopCase(
  'a Go client pushes 1,000 events to our server, and one with an empty store pulls them',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rejoin-interop-'))
    try {
      const hub = await startHub(['--data', folder])
      await using writer = await GoProcess.client(program(), `${hub.url}/sync`)
      await using reader = await GoProcess.client(program(), `${hub.url}/sync`)
      await writer.ask('write 1000 a')
      // Repeated, as after an answer that was lost: what is known counts as stored.
      expect(await writer.ask('push 300')).toBe(1_000)
      expect(await writer.ask('push')).toBe(1_000)
      expect(await reader.ask('pull')).toBe(1_000)
      const written = await writer.events()
      expect(await reader.events()).toEqual(written)
      // Numbers beyond 2^53 are others by now; they are the same events all the same.
      expect(await reader.ask('push 100')).toBe(1_000)
      expect(await reader.ask('latest')).toBe(1_000)
      hub.child.kill('SIGTERM')
      await hub.ended
      await using log = await SqliteStore.open({ path: join(folder, 'events.db') })
      expect(await asGo(log)).toEqual(written)
      expect((await eventsOf(log))[1]?.dataText).toContain('"large":9007199254740993')
      return { pushed: 1_000, 'pushed again': 2_000, pulled: 1_000 }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
)

interopCase('a Go client pages through our server by cursor', async () => {
  await using server = await ourServer()
  await using writer = await GoProcess.client(program(), server.url)
  await using reader = await GoProcess.client(program(), server.url)
  await writer.ask('write 1000 a')
  await writer.ask('push')
  expect(await reader.ask('pull-cursor 150')).toBe(1_000)
  expect(await reader.events()).toEqual(await writer.events())
  return { pulled: 1_000, pages: 7 }
})
