import { expect } from 'vitest'
import { GoProcess } from './go-process.ts'
import { useGoProgram } from './go-program.ts'
import { interopCase } from './interop-case.ts'
import { eventNamed, plays } from './managers.ts'
import { perform, type Stage } from './play.ts'

const program = useGoProgram()

interopCase('SyncManagers and a Go server end as the table says', async () => {
  // A Go server has no other answer for an empty log.
  const possible = plays.filter(({ whenEmpty }) => whenEmpty === '0')
  for (const play of possible) {
    await using stage = await goStage()
    await perform(program(), stage, play)
  }
  expect(possible.length).toBeGreaterThan(5)
  return { plays: possible.length }
})

async function goStage(): Promise<Stage> {
  const server = await GoProcess.server(program(), 'v0.16')
  return {
    url: server.url,
    write: async (ids) => void (await server.put(ids.map(eventNamed))),
    ids: async () => (await server.events()).map(({ id }) => id),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
