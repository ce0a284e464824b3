import { join } from 'node:path'
import { expect } from 'vitest'
import { serve } from '../../src/server/index.ts'
import { openState, type StateServerOptions, stateServer } from '../../src/state/index.ts'
import { SqliteStateStorage } from '../../src/store/sqlite/index.ts'
import { tempFolder } from '../e2e/temp-folder.ts'
import { run, useGoProgram } from './go-program.ts'
import { interopCase } from './interop-case.ts'

const program = useGoProgram()

interopCase('T3: a Go program writes to our state server and follows it', () => used({}))

interopCase('T3: the same with patches only, on SQLite', async () => {
  const storage = await SqliteStateStorage.open({ path: join(tempFolder(), 'state.db') })
  await using tree = await openState({ storage })
  return await used({ forcePatch: true }, tree)
})

/** What it counted: it fails when what it was told is not what GET answers, digit for digit. */
async function used(options: StateServerOptions, given?: Awaited<ReturnType<typeof openState>>) {
  await using tree = given ?? (await openState())
  await using state = stateServer(tree, options)
  await using server = await serve({ mounts: {}, state, port: 0 })
  const seed = String(Math.floor(Math.random() * 2 ** 31))
  const args = ['state', '-host', `${server.host}:${server.port}`, '-seed', seed]
  const { stdout } = await run(program(), args)
  const counts = JSON.parse(stdout) as Record<'Sets' | 'Pushes' | 'Messages' | 'Objects', number>
  expect(counts.Messages, `seed ${seed}`).toBeGreaterThan(counts.Pushes)
  expect(counts.Objects).toBeGreaterThanOrEqual(counts.Pushes)
  expect((await tree.keys()).total).toBe(0)
  return counts
}
